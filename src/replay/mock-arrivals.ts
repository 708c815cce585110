/**
 * Owns what a client has said and the mock has not come to yet: bounded, since a client for which too
 * much waits is not read from until it is less.
 */
import type { Peer } from "../serve/peer.js";

/** One message of a client. */
export interface Arrival {
  /** When it came, in ms of a monotonic clock. */
  readonly at: number;
  /** 1, 2, 3 … */
  readonly number: number;
  readonly payload: Buffer;
  readonly binary: boolean;
}

/** So many messages or bytes may wait. */
const most = 1000;
const mostBytes = 4 * 1024 ** 2;

/** The messages of one client, in their order. */
export class Arrivals {
  readonly #peer: Peer;
  readonly #waiting: Arrival[] = [];
  #bytes = 0;
  #count = 0;
  #readAgain: (() => void) | undefined;

  constructor(peer: Peer) {
    this.#peer = peer;
  }

  /** How many wait. */
  get length(): number {
    return this.#waiting.length;
  }

  add(at: number, payload: Buffer, binary: boolean): void {
    this.#waiting.push({ at, number: ++this.#count, payload, binary });
    this.#bytes += payload.length;
    if (this.#waiting.length < most && this.#bytes < mostBytes) return;
    this.#readAgain ??= this.#peer.stopReading();
  }

  /** Takes the first of those that wait. */
  take(): Arrival | undefined {
    const first = this.#waiting.shift();
    this.#bytes -= first?.payload.length ?? 0;
    if (this.#waiting.length <= most / 2 && this.#bytes <= mostBytes / 2) {
      this.#readAgain?.();
      this.#readAgain = undefined;
    }
    return first;
  }
}
