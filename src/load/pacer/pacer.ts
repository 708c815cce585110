/**
 * Owns the beat of a worker: who sees to it that messages leave when they are due. Each kind trades
 * lateness against CPU; the report names the one that was used.
 */
import type { PacerName } from "../../scenario/plan.js";
import { SpinPacer } from "./spin-pacer.js";
import { TickerPacer } from "./ticker-pacer.js";
import { TimerPacer } from "./timer-pacer.js";

/** Calls a function again and again until stopped. Moments are in ms on `performance.now`'s clock. */
export interface Pacer {
  start(tick: () => void): void;
  /** Says when something is due next, to be said again by every tick; Infinity: nothing is. */
  due(at: number): void;
  /** Something has become due, maybe earlier than was said. */
  hasten(at: number): void;
  stop(): void;
  /** Whether it has lost what it wakes by, and a timer stands in for it. */
  readonly isLost?: boolean;
}

const pacers: Readonly<Record<PacerName, (monotonic: () => number) => Pacer>> = {
  ticker: (monotonic) => new TickerPacer(monotonic),
  timer: () => new TimerPacer(),
  spin: () => new SpinPacer(),
};

/**
 * A new pacer of that name.
 * @param name undefined where nobody has decided: the timer, for which every machine has room
 * @param monotonic the machine's monotonic clock, in ms
 */
export function newPacer(name: PacerName | undefined, monotonic: () => number): Pacer {
  return pacers[name ?? "timer"](monotonic);
}
