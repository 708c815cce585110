/** Owns the lines that steps say: harmless, and no more than can be read. */
import { formatCount } from "../../base/quantity.js";
import { safeLine } from "../../base/safe-text.js";

/** Whoever shows them may show fewer. */
const mostPerSecond = 100;

/** Lets so many lines pass, and tells how many it did not. */
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
    const held = this.#held === 0 ? "" : ` (${lines(this.#held)} before this one left out)`;
    this.#held = 0;
    this.#tell(safeLine(line, 500) + held);
  }

  /** Tells of those that were held back when no other line followed. */
  end(): void {
    if (this.#held > 0) this.#tell?.(`${lines(this.#held)} more left out`);
    this.#held = 0;
  }
}

function lines(count: number): string {
  return `${formatCount(count)} line${count === 1 ? "" : "s"}`;
}
