/** Owns a queue that stays fast however long it grows: an array's shift moves all that is behind. */

/** First in, first out. */
export class Fifo<Item> {
  #items: (Item | undefined)[] = [];
  #head = 0;

  get length(): number {
    return this.#items.length - this.#head;
  }

  push(item: Item): void {
    this.#items.push(item);
  }

  /** The next item, which stays; undefined when it is empty. */
  peek(): Item | undefined {
    return this.#items[this.#head];
  }

  /** The next item, which leaves the queue; undefined when it is empty. */
  shift(): Item | undefined {
    if (this.#head === this.#items.length) return undefined;
    const item = this.#items[this.#head];
    this.#items[this.#head++] = undefined;
    if (this.#head === this.#items.length) {
      this.#items = [];
      this.#head = 0;
    } else if (this.#head >= 1024 && this.#head * 2 >= this.#items.length) {
      // Each item is moved once at most for every time it could have been: linear altogether.
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }
}
