/**
 * Owns the memory of a payload that arrives in pieces. It grows with what has come, never with
 * what was announced: a peer that promises a large message has to send it to make us hold it.
 */

// An announced length is believed up to here: most messages need one allocation, and a header
// alone can not cost more.
const trusted = 64 * 1024;

// The pieces of a fragmented message may be tiny, and its end is unknown.
const smallest = 128;

/** Collects the pieces of one payload in one buffer. */
export class PayloadStore {
  /** The pieces are in `bytes[0, length)`. */
  bytes: Buffer;
  length = 0;
  readonly #growth: number;

  /**
   * @param announced bytes that the payload is said to have so far
   * @param growth how many times larger the memory becomes when it is full: more leaves less of it
   *   behind for the collector, and asks for more that may never be touched
   */
  constructor(announced: number, growth = 2) {
    this.#growth = growth;
    // Not from the shared pool: a small payload that never ends would keep all of it alive.
    this.bytes = Buffer.allocUnsafeSlow(Math.max(smallest, Math.min(announced, trusted)));
  }

  /**
   * Copies `buf[start, end)` to the end of what is there.
   *
   * @param ceiling the most bytes that the payload can come to; the caller sees to it that
   *   it does not come to more
   */
  append(buf: Buffer, start: number, end: number, ceiling: number): void {
    const needed = this.length + end - start;
    if (needed > this.bytes.length) {
      // Growing by a factor keeps the copying linear, however many pieces there are.
      const grown = Buffer.allocUnsafeSlow(
        Math.max(needed, Math.min(this.#growth * this.bytes.length, ceiling)),
      );
      this.bytes.copy(grown, 0, 0, this.length);
      this.bytes = grown;
    }
    buf.copy(this.bytes, this.length, start, end);
    this.length = needed;
  }
}
