/**
 * Owns what is held back for one client: items leave after their own delays, but never before one
 * that came earlier, as in a pipe.
 */

interface Held<T> {
  readonly item: T;
  readonly due: number;
}

/** How a delay line works. */
export interface DelayLineOptions<T> {
  /** A monotonic clock in ms. */
  readonly now: () => number;
  /** Called when it is an item's turn; false: not now, try again in a moment. */
  readonly release: (item: T) => boolean;
}

/** How long to wait, in ms, when an item could not be released. */
const retry = 10;
/** Items that have left are cut off the queue in blocks of at least so many. */
const block = 1024;

/** A queue with delays. One timer runs for all that it holds. */
export class DelayLine<T> {
  readonly #options: DelayLineOptions<T>;
  readonly #held: Held<T>[] = [];
  #first = 0;
  #timer: NodeJS.Timeout | undefined;
  #ended = false;

  constructor(options: DelayLineOptions<T>) {
    this.#options = options;
  }

  /** How many are held. */
  get length(): number {
    return this.#held.length - this.#first;
  }

  /** Holds an item until `due` on the clock; what is due already and has none before it leaves. */
  push(item: T, due: number): void {
    if (this.#ended) return;
    this.#held.push({ item, due });
    if (this.length === 1) this.#flow();
  }

  /** Forgets everything. */
  end(): void {
    this.#ended = true;
    clearTimeout(this.#timer);
    this.#held.length = 0;
    this.#first = 0;
  }

  #flow(): void {
    const { now, release } = this.#options;
    while (this.length > 0) {
      const { item, due } = this.#held[this.#first]!;
      const wait = due - now();
      if (wait > 0) return this.#later(wait);
      if (!release(item)) return this.#later(retry);
      // Releasing may have ended the line.
      if (this.#ended) return;
      this.#drop();
    }
  }

  #drop(): void {
    this.#first++;
    if (this.#first === this.#held.length || this.#first >= Math.max(block, this.length)) {
      this.#held.splice(0, this.#first);
      this.#first = 0;
    }
  }

  #later(wait: number): void {
    // Timers count whole milliseconds and cut off the rest, which would fire them too early.
    this.#timer = setTimeout(() => this.#flow(), Math.ceil(wait));
  }
}
