/**
 * Owns the guard that finds clients that are gone without a word: it pings all of them each
 * interval, and cuts off who has not answered by the next.
 */
import type { Guard, GuardKind } from "../guard.js";
import type { Peer } from "../peer.js";
import { parsePeriod } from "./bound.js";

/** One timer for all: thousands of clients cost one wake-up. */
class Heartbeat implements Guard {
  readonly #interval: number;
  /** To whom a ping waits for its pong: how often that client had not been read from by then. */
  readonly #waiting = new Map<Peer, number | undefined>();
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(interval: number) {
    this.#interval = interval;
  }

  attach(peer: Peer): void {
    this.#waiting.set(peer, undefined);
    this.#timer ??= setInterval(() => this.#beat(), this.#interval);
    peer.socket.on("pong", () => {
      if (this.#waiting.has(peer)) this.#waiting.set(peer, undefined);
    });
    peer.onClose(() => {
      this.#waiting.delete(peer);
      if (this.#waiting.size === 0) this.close();
    });
  }

  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #beat(): void {
    for (const [peer, waiting] of this.#waiting) {
      // A close handshake has a time limit of its own.
      if (!peer.open) continue;
      // A pong is not seen of whom the server itself does not read from, or did not meanwhile.
      if (waiting === peer.pauses && !peer.socket.isPaused) {
        peer.socket.terminate();
        continue;
      }
      this.#waiting.set(peer, peer.socket.isPaused ? undefined : peer.pauses);
      if (!peer.socket.isPaused) peer.socket.ping();
    }
  }
}

/** Cuts the connection, without a close frame, of whoever does not answer pings. */
export const heartbeat: GuardKind = {
  flags: [
    {
      flag: "--heartbeat <duration>",
      summary: "ping each client so often; cut off who has not ponged by the next ping",
    },
  ],
  create: (values) => new Heartbeat(values.read("heartbeat", parsePeriod)!),
};
