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
  #error: Error | undefined;
  readonly #timer: NodeJS.Timeout;

  private constructor(stream: WriteStream) {
    this.#stream = stream;
    stream.on("error", (error) => {
      this.#error = error;
    });
    this.#timer = setInterval(() => this.#flush(), flushEvery).unref();
  }

  /**
   * Opens a file for appending; it is made when it is not there, readable by its owner alone.
   * @throws WsctlError WSCTL_EUSAGE
   */
  static open(path: string): Promise<LogFile> {
    return new Promise((resolve, reject) => {
      const stream = createWriteStream(path, { flags: "a", mode: 0o600 });
      stream.once("open", () => resolve(new LogFile(stream)));
      stream.once("error", (cause: NodeJS.ErrnoException) => {
        const message = `cannot write ${path}: ${cause.code ?? cause.message}`;
        reject(new WsctlError("WSCTL_EUSAGE", message, { cause }));
      });
    });
  }

  add(entry: NumberedEntry): void {
    if (this.#error || this.#stream.writableLength > mostWaiting) {
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
    if (this.#error) return;
    await new Promise<void>((resolve) => {
      this.#stream.once("close", resolve);
      this.#stream.end();
    });
  }

  #flush(): void {
    if (this.#lines === "") return;
    this.#stream.write(this.#lines);
    this.#lines = "";
  }
}
