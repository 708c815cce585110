/** Owns a queue whose head is taken in constant time: Array.shift moves everything behind it. */

/** First in, first out. */
export class Fifo<T> {
  #items: T[] = [];
  #first = 0;

  get size(): number {
    return this.#items.length - this.#first;
  }

  push(item: T): void {
    this.#items.push(item);
  }

  /** The oldest, left where it is. */
  peek(): T | undefined {
    return this.#items[this.#first];
  }

  /** Takes the oldest out. */
  shift(): T | undefined {
    if (this.size === 0) return undefined;
    const item = this.#items[this.#first++]!;
    // Half of it being empty, the move is paid for by the takings before it.
    if (this.#first * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#first);
      this.#first = 0;
    }
    return item;
  }
}
