/**
 * Owns lines that go to a stream as long as it takes them: whoever reads too slowly is not waited
 * for, but told how many lines were left out.
 */
import type { HostOutput } from "../host.js";
import { Output } from "../pipe/output.js";

/** Bytes that may wait for the reader. */
const mostWaiting = 8 * 1024 * 1024;

/** Lines of one stream. */
export class LineFeed {
  readonly #stream: HostOutput;
  readonly #output: Output;
  readonly #skippedLine: (count: number) => string;
  #skipped = 0;

  /** @param skippedLine tells of so many lines that were left out */
  constructor(stream: HostOutput, skippedLine: (count: number) => string) {
    this.#stream = stream;
    this.#skippedLine = skippedLine;
    this.#output = new Output(stream, () => {
      if (!this.#output.isFull) this.#tellSkipped();
    });
  }

  /** Writes a line that must not be left out. */
  say(line: string): void {
    this.#output.write(Buffer.from(`${line}\n`));
  }

  /** Writes a line, which is only made when there is room for it. */
  offer(draw: () => string): void {
    // Once one is left out, so are those behind it, until it was told how many.
    if (this.#skipped > 0 || (this.#stream.writableLength ?? 0) > mostWaiting) this.#skipped++;
    else this.say(draw());
  }

  /** Writes what has been gathered, and what there is to tell of the rest. */
  end(): void {
    this.#tellSkipped();
    this.#output.flush();
  }

  #tellSkipped(): void {
    const count = this.#skipped;
    this.#skipped = 0;
    if (count > 0) this.say(this.#skippedLine(count));
  }
}
