/** Owns cutting pieces of a file into its lines, however the pieces were cut. */
import { isUtf8 } from "node:buffer";

/** Longer lines are not read, in bytes. */
const longestLine = 256 * 1024 * 1024;

/** Bytes that there is room for at first. */
const smallest = 16 * 1024;

/** Memory that a long line needed is not kept for short ones. */
const mostKept = 4 * 1024 * 1024;

const nothing = Buffer.alloc(0);

const newline = 0x0a;

/** What a line is: its text, or why it has none. */
export type TakeLine = (text: string | undefined, why: string) => void;

/** Gives each line, without its line break, to whoever takes them. */
export class LineSplitter {
  readonly #take: TakeLine;
  /** The beginning of a line whose end has not come, in memory that is used again and again. */
  #begun: Buffer = nothing;
  #length = 0;

  constructor(take: TakeLine) {
    this.#take = take;
  }

  /** The next piece; nothing of it is kept in place, so that its memory may be used again. */
  push(piece: Buffer): void {
    const last = piece.lastIndexOf(newline);
    if (last < 0) return this.#keep(piece);
    let from = 0;
    if (this.#length > 0) {
      from = piece.indexOf(newline) + 1;
      this.#keep(piece.subarray(0, from - 1));
      const line = this.rest();
      this.#give(line, 0, line?.length ?? 0, false);
    }
    // To look once is cheaper than to look at each line.
    const isText = isUtf8(piece.subarray(from, last + 1));
    while (from <= last) {
      const to = piece.indexOf(newline, from);
      this.#give(piece, from, to, isText);
      from = to + 1;
    }
    return this.#keep(piece.subarray(from));
  }

  /**
   * What stands behind the last line break, and is forgotten now: it is good until the next piece.
   * Undefined when it is too long.
   */
  rest(): Buffer | undefined {
    const length = this.#length;
    this.#length = 0;
    return length > longestLine ? undefined : this.#begun.subarray(0, length);
  }

  #keep(bytes: Buffer): void {
    const length = this.#length + bytes.length;
    if (this.#length === 0 && this.#begun.length > mostKept) this.#begun = nothing;
    if (length <= longestLine) {
      if (length > this.#begun.length) this.#grow(length);
      bytes.copy(this.#begun, this.#length);
    }
    this.#length = length;
  }

  /** Growing by a factor keeps the copying linear, however many pieces there are. */
  #grow(length: number): void {
    const grown = Buffer.allocUnsafeSlow(Math.min(longestLine, Math.max(smallest, length * 2)));
    this.#begun.copy(grown, 0, 0, this.#length);
    this.#begun = grown;
  }

  #give(bytes: Buffer | undefined, from: number, to: number, isText: boolean): void {
    if (bytes === undefined) this.#take(undefined, "it is longer than 256 MiB");
    else if (isText || isUtf8(bytes.subarray(from, to))) {
      this.#take(bytes.toString("utf8", from, to), "");
    } else this.#take(undefined, "it is no UTF-8");
  }
}
