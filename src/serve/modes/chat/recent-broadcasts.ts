/** Owns the newest broadcasts of a room, for who asks for its history. */

/** Bytes of the messages that are kept for one room. */
const mostBytes = 256 * 1024;

/** A broadcast that is kept. */
interface Kept {
  readonly node: string;
  readonly seq: number;
  readonly message: unknown;
  readonly bytes: number;
}

/** The newest, in the order in which they were heard here. */
export class RecentBroadcasts {
  readonly #most: number;
  readonly #kept: Kept[] = [];
  #bytes = 0;

  /** @param most how many are kept, as far as they are not too large */
  constructor(most: number) {
    this.#most = most;
  }

  keep(one: Kept): void {
    this.#kept.push(one);
    this.#bytes += one.bytes;
    while (this.#kept.length > this.#most || this.#bytes > mostBytes) {
      this.#bytes -= this.#kept.shift()?.bytes ?? 0;
    }
  }

  /** All but those that a node numbered up to `after`, oldest first. */
  since(after: (node: string) => number): unknown[] {
    return this.#kept.filter(({ node, seq }) => seq > after(node)).map(({ message }) => message);
  }
}
