/** Owns what the broadcasts of one scenario came to, and telling the run's figures of it. */
import type { Accumulator } from "../metrics/accumulator.js";
import { seriesKey } from "../metrics/catalogue.js";
import type { FanOutSum } from "../metrics/fan-out.js";
import { Recorder } from "../metrics/recorder.js";
import type { PlanScenario } from "../scenario/flow-plan.js";
import type { Broadcast } from "./fanout-broadcast.js";

const newTimes = () => ({
  ws_fanout_first: new Recorder(),
  ws_fanout_median: new Recorder(),
  ws_fanout_last: new Recorder(),
  ws_fanout_spread: new Recorder(),
});

const reachedKey = seriesKey("ws_fanout_coverage", { result: "pass" });
const missedKey = seriesKey("ws_fanout_coverage", { result: "fail" });

/** Several scenarios' broadcasts together. */
export type FanoutSums = FanOutSum & {
  /** Broadcasts that were not followed, and those of them whose audience there was no room for. */
  readonly unfollowed: number;
  readonly roomless: number;
};

/** The broadcasts of one scenario. */
export class Audience implements FanoutSums {
  readonly scenario: PlanScenario;
  readonly times = newTimes();
  broadcasts = 0;
  complete = 0;
  expected = 0;
  reached = 0;
  unfollowed = 0;
  roomless = 0;
  #told: Readonly<Record<string, number>> = {};

  constructor(scenario: PlanScenario) {
    this.scenario = scenario;
  }

  /** @param isTimed whether its times count: not those of the warm-up */
  add(expected: number, { reached, first, last, median }: Broadcast, isTimed: boolean): void {
    this.broadcasts++;
    this.expected += expected;
    this.reached += reached;
    if (reached === expected) this.complete++;
    if (reached === 0 || !isTimed) return;
    this.times.ws_fanout_first.record(first / 1000);
    this.times.ws_fanout_median.record(median / 1000);
    this.times.ws_fanout_last.record(last / 1000);
    this.times.ws_fanout_spread.record((last - first) / 1000);
  }

  /** Adds what came since the last call to the run's figures. */
  tell(merged: Accumulator): void {
    const counts = countsOf(this);
    const counters = Object.fromEntries(
      Object.entries(counts)
        .map(([key, count]) => [key, count - (this.#told[key] ?? 0)] as const)
        .filter(([, count]) => count > 0),
    );
    this.#told = counts;
    const trends: Record<string, string> = {};
    for (const [name, recorder] of Object.entries(this.times)) {
      if (!recorder.empty) trends[name] = recorder.take().encoded;
    }
    merged.addLater(this.scenario.name, { counters, trends });
  }
}

/** All of them together. */
export function sumOf(audiences: readonly FanoutSums[]): FanoutSums {
  const sum = { broadcasts: 0, complete: 0, expected: 0, reached: 0, unfollowed: 0, roomless: 0 };
  for (const audience of audiences) {
    sum.broadcasts += audience.broadcasts;
    sum.complete += audience.complete;
    sum.expected += audience.expected;
    sum.reached += audience.reached;
    sum.unfollowed += audience.unfollowed;
    sum.roomless += audience.roomless;
  }
  return sum;
}

/** Broadcasts as counters, by series key; those that ever counted. */
export function countsOf({ expected, reached, unfollowed }: FanoutSums): Record<string, number> {
  const counts = {
    [reachedKey]: reached,
    [missedKey]: expected - reached,
    ws_fanout_unfollowed: unfollowed,
  };
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
}
