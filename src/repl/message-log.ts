/** Owns the messages that can be looked back at: the newest, bounded in number and in bytes. */
import type { Direction, SessionMessage } from "../session/session-events.js";

/** One message of the log. */
export interface LogEntry extends SessionMessage {
  /** Milliseconds since 1970. */
  readonly time: number;
  /** Bytes of the whole message; `data` is its beginning where it was too large to be kept. */
  readonly length: number;
}

/** How much is kept. */
export interface LogBounds {
  readonly entries: number;
  readonly bytes: number;
  /** Bytes of one message: of a larger one the beginning is kept. */
  readonly whole: number;
}

const usual: LogBounds = {
  entries: 10_000,
  bytes: 32 * 1024 * 1024,
  whole: 16 * 1024 * 1024,
};

const excerpt = 1024 * 1024;

/** Small messages are kept as copies: each would keep alive the block of the socket that it came in. */
const small = 64 * 1024;

/** What an entry takes besides its bytes. */
const overhead = 200;

function owned(data: Buffer, whole: number): Buffer {
  if (data.length > whole) return Buffer.from(data.subarray(0, excerpt));
  return data.length <= small ? Buffer.from(data) : data;
}

/** The log of one prompt, over all its connections. */
export class MessageLog {
  readonly #bounds: LogBounds;
  #entries: (LogEntry | undefined)[] = [];
  /** Entries at the front that are gone. */
  #gone = 0;
  #bytes = 0;
  #last = 0;

  constructor(bounds: Partial<LogBounds> = {}) {
    this.#bounds = { ...usual, ...bounds };
  }

  /** The number of the newest, 0 before the first. */
  get last(): number {
    return this.#last;
  }

  /** The number of the oldest that is kept. */
  get first(): number {
    return this.#last - this.size + 1;
  }

  get size(): number {
    return this.#entries.length - this.#gone;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Notes a message; its number there is the next of this log. */
  add(message: SessionMessage, time: number): LogEntry {
    const data = owned(message.data, this.#bounds.whole);
    const length = message.data.length;
    const entry = { ...message, data, length, time, number: ++this.#last };
    this.#entries.push(entry);
    this.#bytes += data.length + overhead;
    while (
      this.size > this.#bounds.entries ||
      (this.#bytes > this.#bounds.bytes && this.size > 1)
    ) {
      this.#bytes -= (this.#entries[this.#gone]?.data.length ?? 0) + overhead;
      // The slot would keep it alive until the front is cut off.
      this.#entries[this.#gone++] = undefined;
    }
    if (this.#gone > 1024 && this.#gone * 2 > this.#entries.length) {
      this.#entries = this.#entries.slice(this.#gone);
      this.#gone = 0;
    }
    return entry;
  }

  /** The message of that number, unless it is gone. */
  get(number: number): LogEntry | undefined {
    return number < this.first ? undefined : this.#entries[this.#gone + number - this.first];
  }

  /** The entries kept, from that number on, oldest first; also those added meanwhile. */
  *from(number: number, direction?: Direction): Generator<LogEntry> {
    for (let next = Math.max(number, this.first); next <= this.#last; next++) {
      const entry = this.get(next);
      if (entry && (direction === undefined || entry.direction === direction)) yield entry;
    }
  }
}
