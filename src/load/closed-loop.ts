/**
 * Owns the closed loop: each connection keeps so many requests unanswered, and sends the next as
 * soon as one is answered. It measures what the server can do, not what users feel at a rate.
 */
import type { Link } from "./link.js";
import type { Traffic } from "./rig.js";

/** Traffic as fast as replies come. */
export class ClosedLoop implements Traffic {
  readonly #inFlight: number;

  constructor(inFlight: number) {
    this.#inFlight = inFlight;
  }

  /** Sends the first requests of every connection. */
  start(links: Iterable<Link | undefined>): void {
    for (const link of links) {
      if (!link?.open) continue;
      const now = performance.now();
      for (let i = 0; i < this.#inFlight; i++) link.send(now);
      link.flush();
    }
  }

  freed(link: Link, count: number, now: number): void {
    if (!link.open) return;
    for (let i = 0; i < count; i++) link.send(now);
  }

  unblocked(): void {
    // The number in flight bounds what is queued; nothing waits for the socket.
  }

  read(): void {
    // What it made due has left.
  }
}
