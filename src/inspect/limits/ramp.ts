/** Owns the ramp: something done again and again, faster from step to step. */
import { setImmediate as breath } from "node:timers/promises";
import { pause } from "./opening.js";

/** How a ramp goes. */
export interface Ramp {
  /** How often in each step. */
  readonly counts: readonly number[];
  /** Milliseconds of a step. */
  readonly stepMs: number;
  readonly signal: AbortSignal;
  /**
   * Whether what came late is made up for by going faster; or else a pause is always as long as the
   * step has it, however busy this machine is.
   */
  readonly makesUp: boolean;
  /** By which time passes; that of this machine unless told. */
  readonly clock?: RampClock;
}

/** What a ramp knows of time. */
export interface RampClock {
  /** Milliseconds since whenever. */
  readonly now: () => number;
  /** Waits so many milliseconds, unless the signal fires. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
}

const ownClock: RampClock = { now: () => performance.now(), pause };

/** So many in a step, as a rate per second. */
export function rateOf(count: number, stepMs: number): number {
  return Math.round((count * 1000) / stepMs);
}

/** Goes up until `act`, told the count of the step, says no; each step takes its whole time. */
export async function climb(
  { counts, stepMs, signal, makesUp, clock = ownClock }: Ramp,
  act: (count: number) => boolean,
): Promise<void> {
  for (const count of counts) {
    let began = clock.now();
    for (let done = 0; done <= count; done++) {
      const wait = began + (done * stepMs) / count - clock.now();
      // Behind time, what came in the meantime is heard all the same.
      await (wait > 0 ? clock.pause(wait, signal) : breath());
      if (signal.aborted) return;
      // A timer may be early by a fraction of a millisecond, and nothing comes of that.
      if (!makesUp) began = Math.max(began, clock.now() - (done * stepMs) / count);
      if (done < count && !act(count)) return;
    }
  }
}

/** The most of these times, in milliseconds, that lie within one step. */
export function mostWithin(times: readonly number[], stepMs: number): number {
  const sorted = times.toSorted((a, b) => a - b);
  let most = 0;
  let first = 0;
  for (const [last, time] of sorted.entries()) {
    while (time - sorted[first]! >= stepMs) first++;
    most = Math.max(most, last - first + 1);
  }
  return most;
}
