/**
 * Owns the patience with clients that read too slowly: what they do not take in time is skipped and
 * counted, so that a server that speaks to many never keeps the backlog of one.
 */
import type { Peer } from "./peer.js";

/** A way out to clients that lets no backlog grow past a limit. */
export class Outlet {
  /** Messages that were not sent because the client's backlog was full. */
  skipped = 0;
  readonly #limit: number;

  /** @param limit bytes that may be queued for one client */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Whether a message may be sent to the client now; if not, it counts as skipped. */
  takes(peer: Peer): boolean {
    if (peer.buffered <= this.#limit) return true;
    this.skipped++;
    return false;
  }

  /** Sends the message; false when it was skipped. Many peers may be handed the same buffer. */
  send(peer: Peer, data: Buffer, isBinary = false): boolean {
    if (!this.takes(peer)) return false;
    peer.push(data, isBinary);
    return true;
  }

  /** Sends a value as JSON text; false when it was skipped. */
  sendJson(peer: Peer, value: unknown): boolean {
    return this.send(peer, Buffer.from(JSON.stringify(value)));
  }
}
