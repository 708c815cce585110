/**
 * Owns putting together what a stage's end has cut a second into, for whoever watches a run: a rate
 * over a tenth of a second says nothing, and a row of such rates jumps up and down.
 */
import type { Interval } from "../metrics/interval.js";

/** Less is a part, and waits for the rest; a timer may fire a hair before its time. */
const wholeMs = 900;

/** Gathers intervals until they last a second together. */
export class WholeSeconds {
  #parts: Interval[] = [];

  /** Takes an interval; returns what it and those before it come to, unless they are too short. */
  add(interval: Interval): Interval | undefined {
    this.#parts.push(interval);
    if (this.#parts.reduce((sum, { span }) => sum + span, 0) < wholeMs) return undefined;
    const whole = together(this.#parts);
    this.#parts = [];
    return whole;
  }
}

/**
 * Several intervals as one: counters and lengths added, gauges as they were last. Percentiles do not
 * add up, so that each trend is that of the part in which most was timed.
 */
export function together(parts: readonly Interval[]): Interval {
  const [only] = parts;
  if (only && parts.length === 1) return only;
  const counters = Object.create(null) as Record<string, number>;
  const trends = Object.create(null) as Record<string, Interval["trends"][string]>;
  for (const part of parts) {
    for (const [key, count] of Object.entries(part.counters)) {
      counters[key] = (counters[key] ?? 0) + count;
    }
    for (const [key, trend] of Object.entries(part.trends)) {
      if (trend.count >= (trends[key]?.count ?? 0)) trends[key] = trend;
    }
  }
  return {
    second: parts.at(-1)?.second ?? 0,
    span: parts.reduce((sum, { span }) => sum + span, 0),
    counters,
    gauges: Object.assign(Object.create(null), ...parts.map(({ gauges }) => gauges)) as Record<
      string,
      number
    >,
    trends,
  };
}
