/**
 * Owns the count of who is there or on the way in. A seat is taken when a request is looked at, not
 * when the socket opens: else a burst of requests would pass before the first one counts.
 */
import type { IncomingMessage } from "node:http";

/** Counts seats, each kind by itself. */
export class Seats {
  readonly #most: number;
  readonly #taken = new Map<string, number>();

  /** @param most seats of one kind */
  constructor(most: number) {
    this.#most = most;
  }

  /** Takes a seat until the connection ends, however it does; false if there is none. */
  take(request: IncomingMessage, kind: string): boolean {
    const { socket } = request;
    // It would not say again that it is closed. Whoever asked is not there to be counted.
    if (socket.destroyed) return true;
    const taken = this.#taken.get(kind) ?? 0;
    if (taken >= this.#most) return false;
    this.#taken.set(kind, taken + 1);
    let given = false;
    const giveBack = (): void => {
      if (given) return;
      given = true;
      const left = this.#taken.get(kind)! - 1;
      if (left > 0) this.#taken.set(kind, left);
      else this.#taken.delete(kind);
    };
    // Whoever was refused, or closed, must not keep the seat by not closing the other half.
    socket.once("finish", giveBack);
    socket.once("close", giveBack);
    return true;
  }
}

/** Seconds after which a client that found no seat may try again (RFC 9110 §10.2.3). */
export const retryAfter = { "retry-after": "1" } as const;
