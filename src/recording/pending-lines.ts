/**
 * Owns the lines that wait to be written, as the bytes that they will be: nothing of a line is kept
 * besides, and what is written together lies together.
 */

/** Bytes of memory that lines share: little for a line now and then, more under load. */
const [smallest, largest] = [4 * 1024, 256 * 1024];

/** A character takes at most so many bytes of UTF-8. */
const widest = 3;

const newline = 0x0a;

/** Lines in order, each with its line break. */
export class PendingLines {
  /** Each holds whole lines. */
  #ready: Buffer[] = [];
  #memory: Buffer | undefined;
  #used = 0;
  #next = smallest;
  #length = 0;

  /** In bytes. */
  get length(): number {
    return this.#length;
  }

  add(line: string): void {
    const most = line.length * widest;
    if (most > this.#next) {
      // Too long to share: it has memory of its own.
      this.#close();
      this.#push(Buffer.from(line, "utf8"));
      this.#next = Math.min(largest, this.#next * 2);
      return;
    }
    if (this.#memory === undefined || this.#used + most > this.#memory.length) {
      this.#close();
      this.#memory = Buffer.allocUnsafeSlow(this.#next);
      this.#next = Math.min(largest, this.#next * 2);
    }
    const written = this.#memory.write(line, this.#used, "utf8");
    this.#used += written;
    this.#length += written;
  }

  /** The next lines that are to be written together; undefined when there are none. */
  take(): Buffer | undefined {
    if (this.#ready.length === 0) this.#close();
    const bytes = this.#ready.shift();
    if (bytes !== undefined) this.#length -= bytes.length;
    if (this.#length === 0) this.#next = smallest;
    return bytes;
  }

  /** What was taken last and not written comes first again. */
  putBack(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.#ready.unshift(bytes);
    this.#length += bytes.length;
  }

  /** All of them, as text; none is left. */
  drain(): string[] {
    const lines: string[] = [];
    for (let bytes = this.take(); bytes !== undefined; bytes = this.take()) {
      for (let from = 0; from < bytes.length;) {
        const to = bytes.indexOf(newline, from) + 1;
        lines.push(bytes.toString("utf8", from, to));
        from = to;
      }
    }
    return lines;
  }

  #close(): void {
    if (this.#memory === undefined) return;
    const bytes = this.#memory.subarray(0, this.#used);
    this.#memory = undefined;
    this.#used = 0;
    // It is counted already.
    this.#ready.push(bytes);
  }

  #push(bytes: Buffer): void {
    this.#ready.push(bytes);
    this.#length += bytes.length;
  }
}

/** How many of the first `done` bytes are whole lines. */
export function wholeLines(bytes: Buffer, done: number): number {
  return done === 0 ? 0 : bytes.lastIndexOf(newline, done - 1) + 1;
}
