/** Owns telling the outputs of a run how it goes. */
import type { Interval } from "../metrics/interval.js";
import type { Output, RunPhase } from "../metrics/output.js";
import type { RunResult, ThresholdResult } from "../metrics/run-result.js";
import { judgedAs, type Plan } from "../scenario/plan.js";
import { redactUrl } from "../base/redact-url.js";
import { isOnLoopback } from "../dial/loopback.js";
import { pacerOf } from "./pacing.js";

/** Tells all outputs the same. */
export class Narrator {
  readonly #outputs: readonly Output[];
  #phase: RunPhase | undefined;

  constructor(outputs: readonly Output[]) {
    this.#outputs = outputs;
  }

  /** In what phase the run is. */
  get phase(): RunPhase | undefined {
    return this.#phase;
  }

  start(plan: Plan, run: string, workers: number): void {
    const { traffic, targets, connections, duration, warmup } = plan;
    for (const output of this.#outputs) {
      output.start({
        id: run,
        workers,
        model: judgedAs(traffic),
        pacer: pacerOf(plan),
        askedRate: traffic.model === "rate" ? traffic.rate : undefined,
        loopback: isOnLoopback(targets),
        targets: targets.map(redactUrl),
        connections,
        load: traffic.model === "flow" ? traffic.flow.load : undefined,
        duration,
        warmup,
      });
    }
    this.enter("opening");
  }

  /** Tells of a phase once, however many see that it begins. */
  enter(phase: RunPhase): void {
    if (phase === this.#phase) return;
    this.#phase = phase;
    for (const output of this.#outputs) output.phase(phase);
  }

  add(intervals: readonly Interval[]): void {
    for (const interval of intervals) {
      for (const output of this.#outputs) output.add(interval);
    }
  }

  /** Whether anybody wants to know how thresholds fare on the way. */
  get wantsThresholds(): boolean {
    return this.#outputs.some((output) => output.judge !== undefined);
  }

  judge(results: readonly ThresholdResult[]): void {
    for (const output of this.#outputs) output.judge?.(results);
  }

  log(line: string): void {
    for (const output of this.#outputs) output.log?.(line);
  }

  stop(result: RunResult | undefined): void {
    for (const output of this.#outputs) output.stop(result);
  }
}
