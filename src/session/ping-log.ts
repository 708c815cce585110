/** Owns which of our pings are unanswered, and which pong answers which (RFC 6455 §5.5.3). */

interface Sent {
  readonly payload: Buffer;
  readonly at: number;
}

/** A server that never answers does not make the list grow without end. */
const longest = 1000;

/** The pings of one connection that wait for their pong. */
export class PingLog {
  #waiting: Sent[] = [];

  /** Notes a ping as it goes out. */
  sent(payload: Buffer, at: number): void {
    if (this.#waiting.length === longest) this.#waiting.shift();
    this.#waiting.push({ payload, at });
  }

  /** Whether that ping has gone out and is unanswered. */
  awaits(payload: Buffer): boolean {
    return this.#waiting.some((sent) => sent.payload.equals(payload));
  }

  /**
   * Notes a pong. It answers the ping with its payload and all before it, since a server may answer
   * the latest one only; undefined for a pong that answers none.
   *
   * @returns the round trip in milliseconds
   */
  answered(payload: Buffer, at: number): number | undefined {
    const index = this.#waiting.findIndex((sent) => sent.payload.equals(payload));
    if (index < 0) return undefined;
    const [ping] = this.#waiting.splice(0, index + 1).slice(-1);
    return ping && at - ping.at;
  }
}
