/** Owns why a socket is not read from: it is read again once no reason is left. */
import type { Socket } from "node:net";

/**
 * `drain`: the other side does not take what was written; `queue`: much waits for its delay;
 * `faults`: faults hold back much; `disk`: the recording is behind; `early`: the server has not
 * answered, and the client goes on already.
 */
export type Reason = "drain" | "queue" | "faults" | "disk" | "early";

/** The brake of one socket. */
export class Brake {
  readonly #socket: Socket;
  readonly #reasons = new Set<Reason>();

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  /** Stops reading for that reason. */
  hold(reason: Reason): void {
    if (this.#reasons.size === 0) this.#socket.pause();
    this.#reasons.add(reason);
  }

  /** That reason is gone. */
  release(reason: Reason): void {
    if (this.#reasons.delete(reason) && this.#reasons.size === 0) this.#socket.resume();
  }
}
