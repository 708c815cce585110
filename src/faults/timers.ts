/** Owns timers that are let go together. */

/** Node's timers turn anything longer into 1 ms. */
const longest = 2 ** 31 - 1;

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
      Math.min(Math.ceil(ms), longest),
    );
    this.#running.add(timer);
  }

  /** Stops them all. */
  clear(): void {
    for (const timer of this.#running) clearTimeout(timer);
    this.#running.clear();
  }
}
