/**
 * Owns the requests of one connection that wait for their replies, in order: the n-th reply answers
 * the n-th send. It holds the two clocks of each: when it was intended, and when it was written.
 *
 * Requests past the reply timeout leave the ring and become a mere number, because all that can
 * still happen to them is to be answered late; so the ring is bounded by rate × timeout.
 */

const firstCapacity = 4;

/** One connection's unanswered requests, oldest first. Allocates nothing until the first send. */
export class Ledger {
  /** intended, written, intended, written … */
  #times: Float64Array | undefined;
  #head = 0;
  #size = 0;
  #expired = 0;

  /** Requests unanswered and not timed out. */
  get waiting(): number {
    return this.#size;
  }

  /** Requests timed out whose answer may still come. */
  get expired(): number {
    return this.#expired;
  }

  /** Adds a request; its time of writing is set by {@link written}. */
  push(intended: number): void {
    const times = this.#roomFor(this.#size + 1);
    times[this.#slot(times, this.#size)] = intended;
    this.#size++;
  }

  /** Sets the time of writing of the `count` newest requests; returns nothing, allocates nothing. */
  written(count: number, now: number): void {
    const times = this.#times;
    if (!times) return;
    for (let i = this.#size - count; i < this.#size; i++) times[this.#slot(times, i) + 1] = now;
  }

  /** When the i-th oldest request was intended. */
  intendedOf(i: number): number {
    return this.#times![this.#slot(this.#times!, i)]!;
  }

  /** When the i-th oldest request was written. */
  writtenOf(i: number): number {
    return this.#times![this.#slot(this.#times!, i) + 1]!;
  }

  /** Takes a late answer, if one is awaited: it belongs to the oldest request of all. */
  takeExpired(): boolean {
    if (this.#expired === 0) return false;
    this.#expired--;
    return true;
  }

  /** Removes the oldest request: it was answered. */
  shift(): void {
    // The number of slots is a power of two.
    this.#head = (this.#head + 1) & ((this.#times!.length >>> 1) - 1);
    this.#size--;
  }

  /** The oldest request has waited too long: only a late answer can come. */
  expire(): void {
    this.shift();
    this.#expired++;
  }

  /** Forgets what is waiting and keeps the memory: for sends that expect no reply. */
  forget(): void {
    this.#head = 0;
    this.#size = 0;
  }

  /** Forgets everything; returns how many requests were still waiting. */
  clear(): number {
    const waiting = this.#size;
    this.#times = undefined;
    this.#head = 0;
    this.#size = 0;
    this.#expired = 0;
    return waiting;
  }

  #slot(times: Float64Array, i: number): number {
    const slot = this.#head * 2 + i * 2;
    return slot < times.length ? slot : slot - times.length;
  }

  #roomFor(size: number): Float64Array {
    const old = this.#times;
    if (old && size * 2 <= old.length) return old;
    const grown = new Float64Array(old ? old.length * 2 : firstCapacity * 2);
    if (old) {
      for (let i = 0; i < this.#size; i++) {
        const slot = this.#slot(old, i);
        grown[i * 2] = old[slot]!;
        grown[i * 2 + 1] = old[slot + 1]!;
      }
    }
    this.#head = 0;
    this.#times = grown;
    return grown;
  }
}
