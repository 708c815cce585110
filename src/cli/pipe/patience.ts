/** Owns the patience of a pipe: a time limit that what happens pushes on. */
import { longestTimer } from "../../base/timer.js";

/** Calls back when nothing has pushed it on for so long. */
export class Patience {
  readonly #limit: number;
  readonly #onEnd: () => void;
  #since = 0;
  #timer: NodeJS.Timeout | undefined = undefined;
  #isStopped = false;

  /** @param limit milliseconds; Infinity for ever */
  constructor(limit: number, onEnd: () => void) {
    this.#limit = limit;
    this.#onEnd = onEnd;
  }

  /** Begins to count, or counts anew from now; cheap, however often it is called. */
  push(): void {
    this.#since = performance.now();
    if (this.#timer || this.#isStopped || this.#limit === Infinity) return;
    this.#arm(this.#limit);
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  #arm(rest: number): void {
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        const left = this.#since + this.#limit - performance.now();
        if (left <= 0) this.#onEnd();
        else this.#arm(left);
      },
      Math.min(Math.max(rest, 1), longestTimer),
    );
  }
}
