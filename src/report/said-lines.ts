/** Owns what steps of a scenario say where lines stay: harmless, and no flood, unless that is wanted. */
import { formatCount } from "../base/quantity.js";
import { safeLine } from "../base/safe-text.js";

const mostPerSecond = 20;
const longest = 600;

/** Writes so many lines a second, and says how many it left out. */
export class SaidLines {
  readonly #write: (line: string) => void;
  readonly #isAll: boolean;
  #since = -Infinity;
  #said = 0;
  #held = 0;
  #heldInAll = 0;

  /**
   * @param write one line, without its end
   * @param isAll whether nothing is left out
   */
  constructor(write: (line: string) => void, isAll: boolean) {
    this.#write = write;
    this.#isAll = isAll;
  }

  /** @param now ms of any clock that does not go back */
  say(line: string, now = performance.now()): void {
    if (now - this.#since >= 1000) {
      this.#tellHeld();
      this.#since = now;
      this.#said = 0;
    }
    if (!this.#isAll && this.#said >= mostPerSecond) {
      this.#held++;
      this.#heldInAll++;
      return;
    }
    this.#said++;
    this.#write(`log: ${safeLine(line, longest)}`);
  }

  /** Says how many lines there would have been. */
  end(): void {
    if (this.#heldInAll === 0) return;
    this.#write(`log: ${lines(this.#heldInAll)} left out in all`);
  }

  #tellHeld(): void {
    if (this.#held > 0) this.#write(`log: ${lines(this.#held)} left out`);
    this.#held = 0;
  }
}

function lines(count: number): string {
  return `${formatCount(count)} line${count === 1 ? "" : "s"}`;
}
