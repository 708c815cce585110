/** Owns the cutting of a byte stream into messages: at a delimiter, whatever pieces the bytes come in. */
import { WsctlError } from "../../base/errors.js";
import { formatSize } from "../../base/quantity.js";

const nothing = Buffer.alloc(0);

/** A message beyond this would not fit into memory several times, as sending it takes. */
const longest = 1024 ** 3;

/** Cuts one stream. */
export class Cutter {
  readonly #delimiter: Buffer;
  /** The message under way. */
  #pieces: Buffer[] = [];
  #length = 0;
  /** The last bytes that have come: a delimiter may have begun in them. */
  #tail: Buffer = nothing;

  /** @param delimiter at least one byte; it stands behind each message and is no part of it */
  constructor(delimiter: Buffer) {
    this.#delimiter = delimiter;
  }

  /**
   * The messages that those bytes complete.
   * @throws WsctlError WSCTL_EUSAGE for a message of more than 1 GiB
   */
  feed(chunk: Buffer): Buffer[] {
    const delimiter = this.#delimiter;
    const bytes = this.#tail.length > 0 ? Buffer.concat([this.#tail, chunk]) : chunk;
    const messages: Buffer[] = [];
    let start = 0;
    for (;;) {
      const end = bytes.indexOf(delimiter, start);
      if (end < 0) break;
      messages.push(this.#take(bytes.subarray(start, end)));
      start = end + delimiter.length;
    }
    const held = Math.max(start, bytes.length - (delimiter.length - 1));
    this.#tail = bytes.subarray(held);
    if (held > start) {
      this.#pieces.push(bytes.subarray(start, held));
      this.#length += held - start;
    }
    if (this.#length > longest) {
      throw new WsctlError("WSCTL_EUSAGE", `a message is longer than ${formatSize(longest)}`, {
        hint: "--binary without a delimiter sends what comes in pieces of 64 KiB",
      });
    }
    return messages;
  }

  /** What stands behind the last delimiter; undefined when that is nothing. */
  end(): Buffer | undefined {
    const last = this.#take(this.#tail);
    this.#tail = nothing;
    return last.length > 0 ? last : undefined;
  }

  #take(last: Buffer): Buffer {
    if (this.#pieces.length === 0) return last;
    const message = Buffer.concat([...this.#pieces, last]);
    this.#pieces = [];
    this.#length = 0;
    return message;
  }
}
