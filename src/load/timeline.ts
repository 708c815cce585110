/** Owns waiting for moments of a run: given on the machine's clock, waited for on this process's. */
import { longestTimer } from "../base/timer.js";
import type { ProcessProbe } from "./self-watch.js";

/** Waits for moments, until told not to wait any more. */
export class Timeline {
  readonly #probe: ProcessProbe;
  readonly #signal: AbortSignal;

  /** @param signal ends every wait, now and later */
  constructor(probe: ProcessProbe, signal: AbortSignal) {
    this.#probe = probe;
    this.#signal = signal;
  }

  /** Where a moment of the machine's monotonic clock lies on `performance.now`'s. */
  local(monotonic: number): number {
    return performance.now() + (monotonic - this.#probe.monotonic());
  }

  /** Resolves at `at` (of `performance.now`), or as soon as the signal fires. */
  async until(at: number): Promise<void> {
    let left = at - performance.now();
    while (left > 0 && !this.#signal.aborted) {
      await this.#sleep(Math.min(left, longestTimer));
      left = at - performance.now();
    }
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#signal.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.#signal.addEventListener("abort", done);
    });
  }
}
