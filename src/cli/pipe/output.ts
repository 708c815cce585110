/** Owns what is written to a stream: in order, in few writes, and a word when its reader cannot keep up. */
import type { OutStream } from "../host.js";

/** Small pieces are gathered up to this many bytes, and no longer than the turn of the event loop. */
const gathered = 64 * 1024;

/** Writes to one stream. */
export class Output {
  readonly #sink: OutStream;
  readonly #onChange: () => void;
  #pieces: Uint8Array[] = [];
  #size = 0;
  #isDue = false;
  #isFull = false;
  #isGone = false;

  /** @param onChange called when `isFull` has changed */
  constructor(sink: OutStream, onChange: () => void) {
    this.#sink = sink;
    this.#onChange = onChange;
    // Without a reader there is nobody to wait for, nor anybody to write for.
    sink.once("close", () => {
      this.#isGone = true;
      this.#room();
    });
  }

  /** Whether the reader is behind: what is written now is kept in memory. */
  get isFull(): boolean {
    return this.#isFull;
  }

  write(...pieces: readonly Uint8Array[]): void {
    for (const piece of pieces) {
      if (piece.length >= gathered) {
        this.flush();
        this.#send(piece);
        continue;
      }
      this.#pieces.push(piece);
      this.#size += piece.length;
      if (this.#size >= gathered) this.flush();
    }
    if (this.#isDue || this.#size === 0) return;
    this.#isDue = true;
    setImmediate(() => {
      this.#isDue = false;
      this.flush();
    });
  }

  /** Writes what has been gathered. */
  flush(): void {
    const [first, ...more] = this.#pieces;
    if (!first) return;
    const bytes = more.length === 0 ? first : Buffer.concat(this.#pieces, this.#size);
    this.#pieces = [];
    this.#size = 0;
    this.#send(bytes);
  }

  #send(bytes: Uint8Array): void {
    if (this.#isGone || this.#sink.write(bytes) || this.#isFull) return;
    this.#isFull = true;
    this.#sink.once("drain", () => this.#room());
    this.#onChange();
  }

  #room(): void {
    if (!this.#isFull) return;
    this.#isFull = false;
    this.#onChange();
  }
}
