/** Owns timers that are let go together. */
import { longestTimer } from "../base/timer.js";

/** Some timers. */
export class Timers {
  readonly #running = new Set<NodeJS.Timeout>();

  /** Calls `act` after at least `ms`; never for Infinity. */
  after(ms: number, act: () => void): void {
    if (ms === Infinity) return;
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
}
