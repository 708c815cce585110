/** Owns the course of a replay on a terminal: one line that is written again and again. */
import { formatCount } from "../../base/quantity.js";
import type { ReplayProgress } from "../../replay/replay-options.js";
import type { Host } from "../host.js";
import { inkFor, isLive } from "../ink.js";

const toStart = "\r\u001b[2K";

/** Nobody reads faster, in ms. */
const interval = 100;

/** The line; nothing at all where the cursor cannot be moved, or nobody wants to see it. */
export class ReplayProgressLine {
  readonly #host: Host;
  readonly #color: boolean;
  readonly #isShown: boolean;
  #next = 0;
  #isDrawn = false;

  constructor(host: Host, { color, quiet }: { color: boolean; quiet?: boolean | undefined }) {
    this.#host = host;
    this.#color = color;
    this.#isShown = quiet !== true && isLive(host, host.stderr);
  }

  /** How far it is; cheap, however often it is called. */
  show({ sent, received, differences }: ReplayProgress): void {
    if (!this.#isShown) return;
    const now = this.#host.monotonic();
    if (now < this.#next) return;
    this.#next = now + interval;
    const { chalk } = inkFor(this.#host, this.#host.stderr, this.#color);
    const counts = `sent ${formatCount(sent)}, received ${formatCount(received)}`;
    const differ = `${formatCount(differences)} differ`;
    this.#host.stderr.write(
      `${toStart}${chalk.dim(counts)}${differences > 0 ? `, ${chalk.red(differ)}` : ""}`,
    );
    this.#isDrawn = true;
  }

  /** Takes the line away. */
  end(): void {
    if (this.#isDrawn) this.#host.stderr.write(toStart);
    this.#isDrawn = false;
  }
}
