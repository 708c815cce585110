/**
 * Owns the contract of an output: something that is told how a run goes, and what it came to.
 *
 * `start` once, then `add` once per settled second, `stop` once with the result. An output never
 * blocks the engine (it lives in the coordinator's process), never throws on purpose, and never
 * computes a percentile of its own: percentiles exist only on merged data.
 */
import type { Interval } from "./interval.js";
import type { RunFacts, RunResult } from "./run-result.js";

/** What is known when a run begins. */
export interface RunStart extends Pick<
  RunFacts,
  "id" | "workers" | "model" | "pacer" | "askedRate" | "loopback"
> {
  /** What is loaded, for people: the targets' URLs without secrets. */
  readonly targets: readonly string[];
  readonly connections: number;
  /** Milliseconds that traffic is to last. */
  readonly duration: number;
}

/** What stage a run is in; only for display. */
export type RunPhase = "opening" | "traffic" | "draining";

/** Receives the course and the result of a run. */
export interface Output {
  start(run: RunStart): void;
  phase(phase: RunPhase): void;
  add(interval: Interval): void;
  /** Something that a step of a scenario had to say, in one line that is harmless. */
  log?(line: string): void;
  /** Without a result when the run was aborted. */
  stop(result: RunResult | undefined): void;
}
