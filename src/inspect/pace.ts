/** Owns the pace of an inspection: how soon one connection follows another, and what was sent. */
import { setTimeout as delay } from "node:timers/promises";

/** Between the beginnings of two connections to a server that is not on this machine, in ms. */
export const politeSpacing = 100;

/** Lets connections begin one after the other, and counts. */
export class Pace {
  handshakes = 0;
  bytes = 0;
  readonly #spacing: number;
  #next = 0;

  /** @param spacing milliseconds between two beginnings */
  constructor(spacing: number) {
    this.#spacing = spacing;
  }

  /** Resolves when the next may begin, or the signal fires. */
  async turn(signal: AbortSignal): Promise<void> {
    const wait = this.#next - performance.now();
    this.#next = Math.max(performance.now(), this.#next) + this.#spacing;
    this.handshakes++;
    if (wait > 0) await delay(wait, undefined, { signal }).catch(() => {});
  }

  /** Notes what was sent. */
  sent(bytes: number): void {
    this.bytes += bytes;
  }
}
