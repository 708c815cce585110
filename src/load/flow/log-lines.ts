/** Owns the lines that steps say: harmless, and no more than can be read. */
import { safeLine } from "../../base/safe-text.js";

/** Whoever shows them may show fewer. */
const mostPerSecond = 100;

/** Lets so many lines pass. */
export class LogLines {
  readonly #tell: ((line: string) => void) | undefined;
  #since = -Infinity;
  #said = 0;
  #held = 0;

  /** @param tell takes lines; without it nothing is told */
  constructor(tell: ((line: string) => void) | undefined) {
    this.#tell = tell;
  }

  /** Tells a line, if it is its turn. */
  say(line: string, now = performance.now()): void {
    if (!this.#tell) return;
    if (now - this.#since >= 1000) {
      this.#since = now;
      this.#said = 0;
    }
    if (this.#said++ >= mostPerSecond) {
      this.#held++;
      return;
    }
    const held = this.#held === 0 ? "" : ` (${this.#held} lines before this one were left out)`;
    this.#held = 0;
    this.#tell(safeLine(line, 500) + held);
  }
}
