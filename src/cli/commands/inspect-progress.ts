/** Owns the course of an inspection on a terminal: one line that is written again and again. */
import { safeLine } from "../../base/safe-text.js";
import type { Rule } from "../../findings/rule.js";
import { clipped } from "../../report/inspection/columns.js";
import type { Host } from "../host.js";
import { inkFor, isLive } from "../ink.js";

const toStart = "\r\u001b[2K";

/** The line; nothing at all where the cursor cannot be moved, or nobody wants to see it. */
export class InspectProgress {
  readonly #host: Host;
  readonly #color: boolean;
  readonly #isShown: boolean;
  #isDrawn = false;

  constructor(host: Host, { color, quiet }: { color: boolean; quiet?: boolean | undefined }) {
    this.#host = host;
    this.#color = color;
    this.#isShown = quiet !== true && isLive(host, host.stderr);
  }

  /** What goes before the checks. */
  begin(): void {
    this.#draw("", "the first exchange");
  }

  /** Which check is about to be made. */
  check(done: number, of: number, { id, title }: Rule): void {
    this.#draw(`${done + 1}/${of} `, `${id} ${title}`);
  }

  /** Takes the line away. */
  end(): void {
    if (this.#isDrawn) this.#host.stderr.write(toStart);
    this.#isDrawn = false;
  }

  #draw(count: string, text: string): void {
    if (!this.#isShown) return;
    const { chalk } = inkFor(this.#host, this.#host.stderr, this.#color);
    // A line as wide as the terminal would be two.
    const room = Math.max(20, (this.#host.stderr.columns ?? 80) - 1);
    const line = clipped(safeLine(text), room - count.length);
    this.#host.stderr.write(`${toStart}${chalk.bold(count)}${chalk.dim(line)}`);
    this.#isDrawn = true;
  }
}
