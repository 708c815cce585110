/** Owns the way of messages into a session: as many under way as keep it busy, and no more. */
import type { Session } from "../../session/session.js";
import type { Outgoing } from "../../session/session-options.js";

/** So much may be under way; the rest waits where it comes from. */
const mostBytes = 1024 * 1024;
const mostMessages = 1024;

/** Sends in order, with bounded memory. */
export class Pump {
  /** Messages that were not sent, or of which nobody knows whether they arrived. */
  lost = 0;
  readonly #session: Session;
  readonly #onTaken: () => void;
  #messages = 0;
  #bytes = 0;
  #waiting: (() => void) | undefined = undefined;

  /** @param onTaken called whenever the system has taken a message */
  constructor(session: Session, onTaken: () => void) {
    this.#session = session;
    this.#onTaken = onTaken;
  }

  /** Resolves when another message may come. */
  async push(message: Outgoing): Promise<void> {
    const size = message.data.length;
    this.#messages++;
    this.#bytes += size;
    this.#session.send(message).then(
      () => this.#settle(size, true),
      () => this.#settle(size, false),
    );
    while (this.#bytes >= mostBytes || this.#messages >= mostMessages) await this.#change();
  }

  /** Resolves when nothing is under way. */
  async settled(): Promise<void> {
    while (this.#messages > 0) await this.#change();
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }

  #settle(size: number, isTaken: boolean): void {
    this.#messages--;
    this.#bytes -= size;
    if (isTaken) this.#onTaken();
    else this.lost++;
    this.#waiting?.();
  }
}
