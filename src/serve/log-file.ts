/** Owns the log as a file: one JSON line for each entry, appended, nothing lost without being told. */
import { createWriteStream, type WriteStream } from "node:fs";
import { WsctlError } from "../base/errors.js";
import type { NumberedEntry } from "./message-log.js";

/** Lines are gathered into pieces of this many characters. */
const piece = 64 * 1024;
/** A disk that is slower than the network for long: so many characters wait, the rest is counted. */
const mostWaiting = 64 * 1024 * 1024;
const flushEvery = 200;

/** Appends entries to a file. */
export class LogFile {
  readonly #stream: WriteStream;
  #lines = "";
  #dropped = 0;
  #failed = false;
  readonly #timer: NodeJS.Timeout;

  private constructor(stream: WriteStream, path: string, failed: (why: string) => void) {
    this.#stream = stream;
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (this.#failed) return;
      this.#failed = true;
      failed(`cannot write ${path}: ${error.code ?? error.message}`);
    });
    this.#timer = setInterval(() => this.#flush(), flushEvery).unref();
  }

  /**
   * Opens a file for appending; it is made when it is not there, readable by its owner alone.
   * @param failed told once, at once, when it cannot be written to any more
   * @throws WsctlError WSCTL_EUSAGE
   */
  static open(path: string, failed: (why: string) => void): Promise<LogFile> {
    return new Promise((resolve, reject) => {
      const stream = createWriteStream(path, { flags: "a", mode: 0o600 });
      stream.once("open", () => resolve(new LogFile(stream, path, failed)));
      stream.once("error", (cause: NodeJS.ErrnoException) => {
        const message = `cannot write ${path}: ${cause.code ?? cause.message}`;
        reject(new WsctlError("WSCTL_EUSAGE", message, { cause }));
      });
    });
  }

  add(entry: NumberedEntry): void {
    if (this.#failed || this.#stream.writableLength > mostWaiting) {
      this.#dropped++;
      return;
    }
    this.#lines += `${JSON.stringify(entry)}\n`;
    if (this.#lines.length >= piece) this.#flush();
  }

  /** Writes what is left; a last line says how many entries were dropped, if any were. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    if (this.#dropped > 0) this.#lines += `${JSON.stringify({ dropped: this.#dropped })}\n`;
    this.#flush();
    if (this.#stream.closed) return;
    await new Promise<void>((resolve) => {
      this.#stream.once("close", resolve);
      this.#stream.end();
    });
  }

  #flush(): void {
    if (this.#lines === "" || this.#failed) return;
    this.#stream.write(this.#lines);
    this.#lines = "";
  }
}
