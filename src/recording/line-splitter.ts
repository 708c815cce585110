/** Owns cutting pieces of a file into its lines, however the pieces were cut. */
import { isUtf8 } from "node:buffer";

/** Longer lines are not read, in bytes. */
const longestLine = 256 * 1024 * 1024;

const newline = 0x0a;

/** What a line is: its text, or why it has none. */
export type TakeLine = (text: string | undefined, why: string) => void;

/** Gives each line, without its line break, to whoever takes them. */
export class LineSplitter {
  readonly #take: TakeLine;
  /** The beginning of a line whose end has not come. */
  #begun: Buffer[] = [];
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

  /** What stands behind the last line break, and is forgotten now; undefined when it is too long. */
  rest(): Buffer | undefined {
    const isTooLong = this.#length > longestLine;
    const [first] = this.#begun;
    const bytes = this.#begun.length === 1 && first ? first : Buffer.concat(this.#begun);
    this.#begun = [];
    this.#length = 0;
    return isTooLong ? undefined : bytes;
  }

  #keep(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.#length += bytes.length;
    if (this.#length > longestLine) this.#begun = [];
    else this.#begun.push(Buffer.from(bytes));
  }

  #give(bytes: Buffer | undefined, from: number, to: number, isText: boolean): void {
    if (bytes === undefined) this.#take(undefined, "it is longer than 256 MiB");
    else if (isText || isUtf8(bytes.subarray(from, to))) {
      this.#take(bytes.toString("utf8", from, to), "");
    } else this.#take(undefined, "it is no UTF-8");
  }
}
