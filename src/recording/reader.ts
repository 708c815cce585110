/**
 * Owns reading a recording from its beginning to its end, line by line in constant memory. A last line
 * that was torn by a crash is tolerated and told of; whatever else is malformed is an error, or is left
 * out where that was asked.
 */
import { WsctlError } from "../base/errors.js";
import { safeLine } from "../base/safe-text.js";
import { piecesOf } from "./file-pieces.js";
import { foreignStart } from "./foreign-start.js";
import type { KnownLine, OtherLine, RecordingHeader } from "./line.js";
import { LineSplitter } from "./line-splitter.js";
import { Malformed, parseHeader, parseLine } from "./parse-line.js";

/** One line of a recording. */
export interface RecordedLine {
  /** In its file, from 1. */
  readonly number: number;
  readonly line: KnownLine | OtherLine;
  /** As it stands in the file, without its line break. */
  readonly raw: string;
  /** The comments and empty lines above it, where `comments` asks for them. */
  readonly above: readonly string[];
}

/** How to read. */
export interface ReadOptions {
  /** Malformed lines are left out, instead of being an error. */
  readonly salvage?: boolean | undefined;
  /** Whether comments and empty lines are kept: for whoever writes the file anew. */
  readonly comments?: boolean | undefined;
  /** What the recording is called in errors, where it is no path. */
  readonly name?: string | undefined;
  /** Told of each line that is left out, the torn last one included. */
  readonly onProblem?: ((line: number, what: string) => void) | undefined;
}

/** What stands for the header of a recording that is salvaged and has none. */
const noHeader: RecordingHeader = {
  wsrec: 1,
  url: "",
  startedAt: new Date(0).toISOString(),
  tool: "",
  redacted: [],
};

const noComments: readonly string[] = [];

/** So many characters of comments are kept for one line. */
const mostComments = 16 * 1024 * 1024;

/** What to do, of a first line by what is wrong with it. */
const hints = {
  mistaken: "correct the line, or leave out what is malformed with --salvage",
  foreign:
    "recordings are made by `wsctl record` and `wsctl proxy --record`; of one that lost its first line, --salvage reads the others",
  newer: undefined,
};

/** Neither `{`, which nearly all lines begin with, nor something else that is to be read. */
const comment = /^\s*(?:#|$)/;

/** A recording as it is read, once. */
class Reading implements AsyncIterable<RecordedLine>, AsyncDisposable {
  readonly #name: string;
  readonly #options: ReadOptions;
  readonly #pieces: AsyncIterator<Buffer>;
  readonly #splitter = new LineSplitter((text, why) => this.#take(text, why));
  #header: RecordingHeader | undefined;
  #failed: unknown;
  #number = 0;
  #torn = false;
  #isBegun = false;
  #isOver = false;
  /** Lines that were read and not asked for yet. */
  #batch: RecordedLine[] = [];
  #at = 0;
  #above: string[] = [];
  #aboveLength = 0;
  #reading: Promise<void> | undefined;

  constructor(source: string | AsyncIterable<Buffer>, options: ReadOptions) {
    this.#options = options;
    this.#name = safeLine(options.name ?? (typeof source === "string" ? source : "the recording"));
    const pieces = typeof source === "string" ? piecesOf(source) : source;
    this.#pieces = pieces[Symbol.asyncIterator]();
  }

  /**
   * The first line; the file is read as far as that.
   * @throws WsctlError WSCTL_EUSAGE for what is no recording, or cannot be read
   */
  get header(): Promise<RecordingHeader> {
    return this.#readHeader();
  }

  /** Whether the last line was cut off; known at the end. */
  get torn(): boolean {
    return this.#torn;
  }

  /** After the end: the comments and empty lines below the last line, where they are kept. */
  get rest(): readonly string[] {
    return this.#above;
  }

  /** The lines after the header. */
  [Symbol.asyncIterator](): AsyncIterator<RecordedLine> {
    return {
      next: async () => {
        while (this.#at >= this.#batch.length) {
          if (this.#failed !== undefined) throw this.#failed;
          if (this.#isOver) return { done: true, value: undefined };
          await this.#read();
        }
        return { done: false, value: this.#batch[this.#at++]! };
      },
      return: async () => {
        await this.close();
        return { done: true, value: undefined };
      },
    };
  }

  /** Lets go of the file; only needed where it is not read to its end. */
  async close(): Promise<void> {
    this.#isOver = true;
    await this.#reading;
    this.#batch = [];
    this.#at = 0;
    await this.#pieces.return?.();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #readHeader(): Promise<RecordingHeader> {
    while (this.#header === undefined) {
      if (this.#failed !== undefined) throw this.#failed;
      if (this.#isOver) throw this.#refusal("it was closed before it was read");
      await this.#read();
    }
    return this.#header;
  }

  /** Reads the next piece; whoever asks meanwhile waits for the same. It never throws. */
  async #read(): Promise<void> {
    this.#reading ??= this.#readPiece().finally(() => (this.#reading = undefined));
    await this.#reading;
  }

  async #readPiece(): Promise<void> {
    try {
      const { done, value } = await this.#pieces.next();
      // Lines that nobody has asked for yet stay: the header may have been wanted first.
      this.#batch = this.#batch.slice(this.#at);
      this.#at = 0;
      if (!this.#isBegun && done !== true) this.#refuseForeign(value);
      if (done === true) this.#end();
      else if (!this.#isOver) this.#splitter.push(value);
    } catch (error) {
      this.#failed = error;
      await this.#pieces.return?.().catch(() => {});
    }
  }

  /** Of what is another kind of file nothing is to be salvaged. */
  #refuseForeign(start: Buffer): void {
    this.#isBegun = true;
    const foreign = foreignStart(start);
    if (!foreign) return;
    const { what, hint } = foreign;
    const message = `${this.#name} cannot be read as a recording: ${what}`;
    throw new WsctlError("WSCTL_EUSAGE", message, { hint });
  }

  #end(): void {
    this.#isOver = true;
    const left = this.#splitter.rest();
    if (left === undefined) this.#take(undefined, "it is longer than 256 MiB");
    else if (left.length > 0) this.#takeLast(left.toString("utf8"));
    if (this.#header !== undefined) return;
    this.#problem(this.#number === 0 ? "it is empty" : "there is no whole line in it");
    this.#header = noHeader;
  }

  /** What stands behind the last line break: it is whole all the same if an editor left that out. */
  #takeLast(text: string): void {
    if (!comment.test(text) && isCutOff(text)) {
      this.#torn = true;
      this.#number++;
      this.#options.onProblem?.(this.#number, "it is cut off");
    } else this.#take(text, "");
  }

  #take(text: string | undefined, why: string): void {
    this.#number++;
    if (text === undefined) return this.#problem(why);
    if (text.charCodeAt(0) !== 0x7b && comment.test(text)) return this.#comment(text);
    try {
      if (this.#header === undefined) this.#header = parseHeader(text);
      else this.#add(text);
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      this.#problem(error.message, error.nature);
      if (this.#header === undefined) this.#begin(text);
    }
    return undefined;
  }

  /** A salvaged recording that has lost its header begins with a line like others. */
  #begin(text: string): void {
    this.#header = noHeader;
    if (text.includes('"k"') && !isCutOff(text)) {
      this.#number--;
      this.#take(text, "");
    }
  }

  #add(raw: string): void {
    const line = parseLine(raw);
    let above = noComments;
    if (this.#above.length > 0) {
      above = this.#above;
      this.#above = [];
      this.#aboveLength = 0;
    }
    this.#batch.push({ number: this.#number, line, raw, above });
  }

  #comment(text: string): void {
    if (this.#options.comments !== true) return;
    this.#aboveLength += text.length + 1;
    if (this.#aboveLength > mostComments) {
      throw this.#refusal("there are more than 16 MiB of comments in a row");
    }
    this.#above.push(text);
  }

  /** @throws WsctlError unless the rest is to be salvaged */
  #problem(what: string, nature?: Malformed["nature"]): void {
    if (this.#options.salvage !== true) throw this.#refusal(what, nature);
    this.#options.onProblem?.(this.#number, what);
  }

  #refusal(what: string, nature: Malformed["nature"] = "foreign"): WsctlError {
    const place = this.#number === 0 ? this.#name : `${this.#name}:${this.#number}`;
    const message = `${this.#name} cannot be read as a recording: ${what}`;
    const hint = this.#header ? hints.mistaken : hints[nature];
    return new WsctlError("WSCTL_EUSAGE", message, { where: [place], hint });
  }
}

/** Whether a line is no JSON, as nothing is that lacks its end. */
function isCutOff(text: string): boolean {
  try {
    JSON.parse(text.replace(/^\ufeff/, ""));
    return false;
  } catch {
    return true;
  }
}

/** A recording under way; see {@link readRecording}. */
export type Recorded = Reading;

/**
 * Reads a recording; nothing is opened before it is asked for the header or the lines. Both throw
 * WsctlError WSCTL_EUSAGE for what cannot be read, with file and line.
 * @param source a path, or bytes in pieces, which are not kept
 */
export function readRecording(
  source: string | AsyncIterable<Buffer>,
  options: ReadOptions = {},
): Recorded {
  return new Reading(source, options);
}
