/** Owns how many connections of one asker are open at once: no more than there are places. */
import type { Wire } from "../dial/wire.js";

/** The places for connections; one that is to leave keeps its place until it is gone. */
export class Places {
  readonly #count: number;
  /** What somebody holds in hand, some of it ended since. */
  readonly #kept = new Set<Wire>();
  #taken = 0;
  /** Those that wait until a place is free. */
  readonly #waiting: (() => void)[] = [];

  constructor(count: number) {
    this.#count = count;
  }

  /**
   * Waits for a place and takes it.
   * @returns false when those that are kept leave none, so that waiting is no use
   */
  async take(): Promise<boolean> {
    for (;;) {
      for (const wire of this.#kept) {
        if (wire.closed || wire.socket.destroyed) this.#kept.delete(wire);
      }
      if (this.#kept.size >= this.#count) return false;
      if (this.#kept.size + this.#taken < this.#count) break;
      await this.#change();
    }
    this.#taken++;
    return true;
  }

  /** Takes one more, for what is on its way out of a place that is going to be freed. */
  stay(): void {
    this.#taken++;
  }

  /** Frees a place. */
  free(): void {
    this.#taken--;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  /** Gives it to a connection for as long as that is there. */
  keep(wire: Wire): void {
    this.#kept.add(wire);
  }

  /** Cuts what is kept, and waits until every place is free. */
  async clear(): Promise<void> {
    for (;;) {
      for (const wire of this.#kept) wire.destroy();
      this.#kept.clear();
      if (this.#taken === 0) return;
      await this.#change();
    }
  }

  #change(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}
