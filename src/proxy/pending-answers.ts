/**
 * Owns the order of answers on one connection: a client may ask for a page and for an upgrade in one
 * breath, and what the upgrade brings must not come in the middle of the page.
 */
import type { ServerResponse } from "node:http";
import type { Duplex } from "node:stream";

/** Counts what is not answered yet. */
export class PendingAnswers {
  readonly #counts = new WeakMap<Duplex, number>();
  readonly #waiting = new WeakMap<Duplex, () => void>();

  /** A plain request came, and is to be answered. */
  add(socket: Duplex, response: ServerResponse): void {
    this.#counts.set(socket, (this.#counts.get(socket) ?? 0) + 1);
    response.once("close", () => {
      const left = (this.#counts.get(socket) ?? 1) - 1;
      this.#counts.set(socket, left);
      if (left > 0) return;
      const go = this.#waiting.get(socket);
      this.#waiting.delete(socket);
      if (socket.writable) go?.();
    });
  }

  /** Whether something is not answered yet. */
  isWaiting(socket: Duplex): boolean {
    return (this.#counts.get(socket) ?? 0) > 0;
  }

  /** Calls `go` once everything before is answered; never when the client is gone by then. */
  behind(socket: Duplex, go: () => void): void {
    if (!this.isWaiting(socket)) {
      go();
      return;
    }
    // Nobody reads what it sends until then, and a reset must not end the process.
    socket.on("error", () => {});
    this.#waiting.set(socket, go);
  }
}
