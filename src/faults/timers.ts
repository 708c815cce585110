/** Owns timers that are let go together. */
import { longestTimer } from "../base/timer.js";

/** Some timers. */
export class Timers {
  readonly #running = new Set<NodeJS.Timeout>();
  #hasEnded = false;

  /** Calls `act` after at least `ms`; never for Infinity. */
  after(ms: number, act: () => void): void {
    if (ms === Infinity || this.#hasEnded) return;
    const timer = setTimeout(
      () => {
        this.#running.delete(timer);
        act();
      },
      // Rounded up: a timer that comes early would have to be set again.
      Math.min(Math.ceil(ms), longestTimer),
    );
    this.#running.add(timer);
  }

  /** Stops them all. */
  clear(): void {
    for (const timer of this.#running) clearTimeout(timer);
    this.#running.clear();
  }

  /** Stops them all, and sets none from now on: what acts last may ask for the next time already. */
  end(): void {
    this.clear();
    this.#hasEnded = true;
  }
}
