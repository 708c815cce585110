/**
 * Owns the contract of an output: something that is told how a run goes, and what it came to.
 *
 * `start` once, then `add` once per settled second, `stop` once with the result. An output never
 * blocks the engine (it lives in the coordinator's process), never throws on purpose, and never
 * computes a percentile of its own: percentiles exist only on merged data.
 */
import type { Interval } from "./interval.js";
import type { RunFacts, RunResult, ThresholdResult } from "./run-result.js";

/** What virtual users there are to be. */
export interface UserLoad {
  /** `population`: a stage's figures are users alive; `arrivals`: new users per second. */
  readonly kind: "population" | "arrivals";
  /** One after the other, each a straight line; durations in ms. */
  readonly stages: readonly {
    readonly name: string;
    readonly duration: number;
    readonly from: number;
    readonly to: number;
  }[];
}

/** What is known when a run begins. */
export interface RunStart extends Pick<
  RunFacts,
  "id" | "workers" | "model" | "pacer" | "askedRate" | "loopback"
> {
  /** What is loaded, for people: the targets' URLs without secrets. */
  readonly targets: readonly string[];
  readonly connections: number;
  /** Undefined without virtual users. */
  readonly load?: UserLoad | undefined;
  /** Milliseconds that traffic is to last, its warm-up included. */
  readonly duration: number;
  /** Milliseconds of it in which nothing is timed. */
  readonly warmup?: number | undefined;
}

/** What stage a run is in; only for display. */
export type RunPhase = "opening" | "warm-up" | "traffic" | "draining";

/** Receives the course and the result of a run. */
export interface Output {
  start(run: RunStart): void;
  phase(phase: RunPhase): void;
  add(interval: Interval): void;
  /** How thresholds fare so far, in the order of the plan; with every settled second. */
  judge?(results: readonly ThresholdResult[]): void;
  /** Something that a step of a scenario had to say, in one line that is harmless. */
  log?(line: string): void;
  /** Without a result when the run was aborted. */
  stop(result: RunResult | undefined): void;
}
