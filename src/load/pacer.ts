/**
 * Owns the beat of a worker: who calls `tick` often enough that messages leave on time. Each kind
 * trades lateness against CPU; the report names the one that was used.
 */
import type { PacerName } from "../scenario/plan.js";

/** Calls a function again and again until stopped. */
export interface Pacer {
  start(tick: () => void): void;
  stop(): void;
}

/** A timer of 1 ms: lag of a millisecond, next to no CPU of its own. */
class TimerPacer implements Pacer {
  #timer: NodeJS.Timeout | undefined;

  start(tick: () => void): void {
    this.#timer = setInterval(tick, 1);
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

const pacers: Readonly<Record<PacerName, () => Pacer>> = { timer: () => new TimerPacer() };

/** A new pacer of that name. */
export function newPacer(name: PacerName): Pacer {
  return pacers[name]();
}
