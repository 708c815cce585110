/** Owns the errors of a proxy that is to tell of nothing else: recordings that are not whole, on stderr. */
import { formatCount } from "../../base/quantity.js";
import { safeLine } from "../../base/safe-text.js";
import type { ProxyEvent } from "../../proxy/events.js";
import type { OutStream } from "../host.js";

/** So many are told one by one. */
const mostTold = 10;

/** Tells of them. */
export class Troubles {
  readonly #stderr: OutStream;
  #count = 0;

  constructor(stderr: OutStream) {
    this.#stderr = stderr;
  }

  tell(event: ProxyEvent): void {
    if (event.event !== "note" || event.trouble !== true) return;
    if (++this.#count > mostTold) return;
    const last = this.#count === mostTold ? "; more of them are only counted" : "";
    this.#stderr.write(`error: #${event.connection} ${safeLine(event.text, 400)}${last}\n`);
  }

  /** @param incomplete how many recordings are not whole */
  end(incomplete: number): void {
    if (incomplete === 0) return;
    const what = incomplete === 1 ? "recording is" : "recordings are";
    this.#stderr.write(`error: ${formatCount(incomplete)} ${what} incomplete\n`);
  }
}
