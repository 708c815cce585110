/** Owns the counts of a proxy, and of each of its links. */
import type { LinkCounts } from "./link.js";
import type { ProxyStats } from "./proxy.js";

/** Counts messages both ways. */
export class Counts implements LinkCounts {
  in = 0;
  out = 0;
  bytesIn = 0;
  bytesOut = 0;

  add(direction: "in" | "out", bytes: number): void {
    if (direction === "in") {
      this.in++;
      this.bytesIn += bytes;
    } else {
      this.out++;
      this.bytesOut += bytes;
    }
  }
}

/** Counts for a whole proxy. */
export class Tally {
  opened = 0;
  open = 0;
  refused = 0;
  requests = 0;
  tunnels = 0;
  recordingsInTrouble = 0;
  readonly messages = new Counts();
  readonly #closes = new Map<number, number>();

  closed(code: number): void {
    this.open--;
    this.#closes.set(code, (this.#closes.get(code) ?? 0) + 1);
  }

  stats(): ProxyStats {
    const { opened, open, refused, requests, tunnels, recordingsInTrouble } = this;
    const closes = Object.fromEntries(this.#closes);
    const { in: came, out, bytesIn, bytesOut } = this.messages;
    const messages = { in: came, out, bytesIn, bytesOut };
    return { opened, open, refused, requests, tunnels, messages, closes, recordingsInTrouble };
  }
}
