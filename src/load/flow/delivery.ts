/**
 * Owns the delivery ledger: what became of the stamped messages of each sender on their way to one
 * receiver. Constant memory a sender: the last {@link windowSize} sequences are told apart, and a gap
 * that has not been filled by then is lost.
 */

/** How far back a message may come and still be told from a copy. */
export const windowSize = 128;

/** What a stamped message is to its stream. */
export type Delivery = "first" | "next" | "gap" | "reordered" | "duplicate";

/** One sender's messages to one receiver. */
export class Stream {
  /** The highest sequence that came. */
  highest: number;
  /** Gaps that were never filled, as far as is known. */
  lost = 0;
  /** How many connections the receiver had had when the last one came. */
  epoch: number;
  /** Up to it nothing can be missed: the receiver was not there yet. */
  readonly #first: number;
  /** Which of the last sequences came: bit 0 of word 0 is the highest. */
  #word0 = 1;
  #word1 = 0;
  #word2 = 0;
  #word3 = 0;

  constructor(first: number, epoch: number) {
    this.highest = first;
    this.epoch = epoch;
    this.#first = first;
  }

  /** Takes note of a message; says what it is. */
  take(sequence: number): Delivery {
    const ahead = sequence - this.highest;
    if (ahead > 0) {
      this.#shift(ahead);
      this.highest = sequence;
      this.#word0 |= 1;
      return ahead === 1 ? "next" : "gap";
    }
    const back = -ahead;
    // What is older than the window can only be taken for a copy.
    if (back >= windowSize || this.#has(back)) return "duplicate";
    this.#add(back);
    return "reordered";
  }

  /**
   * How many are lost, once nothing more will come: open gaps included.
   * @param upTo the last sequence that was sent, where that is known
   */
  finish(upTo = this.highest): number {
    if (upTo > this.highest) {
      this.#shift(upTo - this.highest);
      this.highest = upTo;
    }
    this.#shift(windowSize);
    return this.lost;
  }

  /** Makes room for so many sequences; gaps that leave the window are lost. */
  #shift(by: number): void {
    let left = Math.min(by, windowSize);
    // What was never even in the window is lost as well, but for those before the first.
    if (by > windowSize) this.lost += by - windowSize;
    for (; left >= 32; left -= 32) {
      this.#leave(96, 32);
      this.#word3 = this.#word2;
      this.#word2 = this.#word1;
      this.#word1 = this.#word0;
      this.#word0 = 0;
      this.#shifted += 32;
    }
    if (left > 0) {
      this.#leave(128 - left, left);
      this.#word3 = (this.#word3 << left) | (this.#word2 >>> (32 - left));
      this.#word2 = (this.#word2 << left) | (this.#word1 >>> (32 - left));
      this.#word1 = (this.#word1 << left) | (this.#word0 >>> (32 - left));
      this.#word0 <<= left;
      this.#shifted += left;
    }
    this.#shifted = 0;
  }

  /** By how much the window has moved during the present shift. */
  #shifted = 0;

  /** Counts what is missing among `count` places of the window, from `from` on: they are the oldest. */
  #leave(from: number, count: number): void {
    const base = this.highest + this.#shifted;
    for (let back = from; back < from + count; back++) {
      if (base - back > this.#first && !this.#has(back)) this.lost++;
    }
  }

  #has(back: number): boolean {
    return ((this.#word(back >> 5) >>> (back & 31)) & 1) === 1;
  }

  #word(which: number): number {
    if (which === 0) return this.#word0;
    if (which === 1) return this.#word1;
    return which === 2 ? this.#word2 : this.#word3;
  }

  #add(back: number): void {
    const bit = 1 << (back & 31);
    const which = back >> 5;
    if (which === 0) this.#word0 |= bit;
    else if (which === 1) this.#word1 |= bit;
    else if (which === 2) this.#word2 |= bit;
    else this.#word3 |= bit;
  }
}
