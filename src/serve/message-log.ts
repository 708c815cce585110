/**
 * Owns the log of messages: when each arrived, how long it was held back, and when it left. It is
 * what a load generator's own latencies are held against; a bounded ring keeps the newest.
 */

/** One message on its way through the server; times in ms on the machine's monotonic clock. */
export interface LogEntry {
  /** Which client, by order of arrival. */
  readonly connection: number;
  readonly run: string | undefined;
  /** The client's message number, from 0. */
  readonly sequence: number;
  readonly arrived: number;
  /** What was asked of the server: the delay it drew. */
  readonly delay: number;
  readonly left: number;
}

/** Keeps entries. */
export interface MessageLog {
  /** Whether anybody wants entries: asking spares making them. */
  readonly wanted: boolean;
  add(entry: LogEntry): void;
  /** The machine's monotonic clock in ms. */
  now(): number;
}

/** An entry as it is told, with its own number: 1, 2, 3 … in the order they were added. */
export type NumberedEntry = LogEntry & { readonly n: number };

/** Which entries to tell. */
export interface LogQuery {
  /** Only those of that run. */
  readonly run?: string | undefined;
  /** Only those with a larger number than this. */
  readonly since: number;
  /** At most so many, the oldest first. */
  readonly limit: number;
}

/** How to keep entries. */
export interface RingOptions {
  /** The machine's monotonic clock in ms. */
  readonly now: () => number;
  /** So many are kept; 100,000 unless told. */
  readonly capacity?: number;
  /** Whether entries are wanted of modes that need none for themselves. */
  readonly wanted?: boolean;
  /** Told of every entry, in order. */
  readonly sink?: { add(entry: NumberedEntry): void };
}

const usualCapacity = 100_000;

/** A log that keeps the newest entries in memory. */
export class MessageRing implements MessageLog {
  readonly wanted: boolean;
  readonly now: () => number;
  readonly #capacity: number;
  readonly #sink: RingOptions["sink"];
  /** Entry `n` lies at `(n − 1) % capacity`. */
  readonly #entries: NumberedEntry[] = [];
  #last = 0;

  constructor({ now, capacity = usualCapacity, wanted = false, sink }: RingOptions) {
    this.now = now;
    this.wanted = wanted;
    this.#capacity = capacity;
    this.#sink = sink;
  }

  add(entry: LogEntry): void {
    const numbered = { n: ++this.#last, ...entry };
    this.#entries[(this.#last - 1) % this.#capacity] = numbered;
    this.#sink?.add(numbered);
  }

  /** The entries that are asked for, the oldest first. */
  read({ run, since, limit }: LogQuery): NumberedEntry[] {
    const found: NumberedEntry[] = [];
    const oldest = Math.max(1, this.#last - this.#capacity + 1);
    for (let n = Math.max(oldest, since + 1); n <= this.#last && found.length < limit; n++) {
      const entry = this.#entries[(n - 1) % this.#capacity]!;
      if (run === undefined || entry.run === run) found.push(entry);
    }
    return found;
  }
}
