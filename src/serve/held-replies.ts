/**
 * Owns the replies that are held back for one client, and the bound on them: a client for which too
 * much is held is not read from until it is less.
 */
import { DelayLine } from "./delay-line.js";
import type { Peer } from "./peer.js";

interface Reply {
  readonly bytes: number;
  readonly leave: () => void;
}

/** So much is held before the client is no longer read from; at half of it, it is again. */
const mostReplies = 100_000;
const mostBytes = 64 * 1024 ** 2;
/** Replies stay here while so many bytes wait for the client to read them. */
const mostBuffered = 16 * 1024 ** 2;

/** Replies to one client, each with its own delay; they leave in the order they came. */
export class HeldReplies {
  readonly #peer: Peer;
  readonly #line: DelayLine<Reply>;
  #bytes = 0;
  /** Reads from the client again, when it is not read from because of this. */
  #readAgain: (() => void) | undefined;

  /** @param now a monotonic clock in ms */
  constructor(peer: Peer, now: () => number) {
    this.#peer = peer;
    this.#line = new DelayLine({ now, release: (reply) => this.#release(reply) });
    peer.onClose(() => this.#line.end());
  }

  /** Calls `leave`, which sends `bytes` bytes, at `due` or as soon after as its turn comes. */
  push(due: number, bytes: number, leave: () => void): void {
    this.#bytes += bytes;
    this.#line.push({ bytes, leave }, due);
    if (this.#bytes <= mostBytes && this.#line.length <= mostReplies) return;
    this.#readAgain ??= this.#peer.stopReading();
  }

  #release({ bytes, leave }: Reply): boolean {
    if (this.#peer.buffered > mostBuffered) return false;
    leave();
    this.#bytes -= bytes;
    if (this.#bytes <= mostBytes / 2 && this.#line.length <= mostReplies / 2) {
      this.#readAgain?.();
      this.#readAgain = undefined;
    }
    return true;
  }
}
