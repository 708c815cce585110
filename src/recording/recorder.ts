/**
 * Owns writing a recording while a connection lives: what happens becomes a line at once, without its
 * secrets, and never holds anyone up. Whoever feeds it pauses the socket while it is behind.
 */
import { EventEmitter } from "node:events";
import { WsctlError } from "../base/errors.js";
import { eachToMicroseconds, toMicroseconds } from "../base/microseconds.js";
import { safeLine } from "../base/safe-text.js";
import { isControl } from "../frame/opcode.js";
import { AppendFile } from "./append-file.js";
import { fileFor } from "./continued.js";
import type { Disk } from "./disk.js";
import { whyRefused } from "./file-refusal.js";
import { type CloseLine, formatVersion, type GapLine, type KnownLine } from "./line.js";
import type {
  Beginning,
  RecordedGap,
  RecordedMessage,
  RecordedUpgrade,
  RecorderCounts,
  RecorderEvents,
  RecorderOptions,
} from "./recorder-options.js";
import { Redactor } from "./redactor.js";
import { insteadFields, type SaidInstead } from "./said-instead.js";
import { Dropped, Repeated } from "./untold.js";
import { writeLine, writeMessage } from "./write-line.js";

const mebi = 1024 * 1024;
/** Bytes pending from which on it is behind, and below which it is no more. */
const [behindFrom, behindUntil] = [4 * mebi, mebi];
/** Bytes pending from which on messages are dropped. */
const mostPending = 16 * mebi;
/** So many bytes more may be of other lines, which are rarer and tell more. */
const moreOfOthers = mebi;

/** How our own lines of messages begin. */
const messageLine = /^\{"t":[^,]+,"k":"(in|out)","op":(\d+)/;

/** Writes one recording. */
export class Recorder extends EventEmitter<RecorderEvents> {
  readonly #options: RecorderOptions;
  readonly #redactor: Redactor;
  readonly #file: AppendFile;
  /** The moment on the clock of `now` at which t is 0. */
  readonly #zero: number;
  readonly #limit: number;
  readonly #isPausable: boolean;
  #hasHeader: boolean;
  #in: number;
  #out: number;
  #missed = 0;
  readonly #dropped = new Dropped();
  readonly #repeated = new Repeated();
  #missedInTrouble = 0;
  #isDropping = false;
  #isBehind = false;
  #failed: WsctlError | undefined;
  #finishing: Promise<void> | undefined;

  private constructor(options: RecorderOptions, beginning: Beginning) {
    super();
    this.#options = options;
    this.#redactor = options.redactor ?? new Redactor();
    // What it holds is to be hidden in the first line as well.
    this.#redactor.url(options.url);
    this.#isPausable = options.pausable ?? true;
    this.#limit = this.#isPausable ? mostPending : behindFrom;
    this.#hasHeader = beginning.hasHeader;
    this.#in = beginning.in;
    this.#out = beginning.out;
    this.#zero = options.now() - beginning.offset;
    this.#file = new AppendFile({
      disk: beginning.disk,
      length: beginning.length,
      fsync: options.fsync ?? "1s",
      drained: () => this.#drained(),
      refused: (error) => this.#refused(error),
      recovered: () => this.#recovered(),
    });
  }

  /**
   * Makes the file, readable by its owner alone. The first line is written with the second, because
   * it says what of that was redacted.
   * @throws WsctlError WSCTL_EUSAGE when the file is there already, or cannot be made
   */
  static async open(options: RecorderOptions): Promise<Recorder> {
    const { path, append = false, isAlone = append, startedAt } = options;
    const former = await fileFor(path, { append, isAlone });
    if (!("disk" in former)) return Recorder.onDisk(former, options);
    if (!former.header) return Recorder.onDisk(former.disk, options);
    const since = startedAt.getTime() - Date.parse(former.header.startedAt);
    const recorder = new Recorder(options, {
      ...former,
      hasHeader: true,
      offset: Math.max(since, former.last),
    });
    if (former.isOpenEnded) recorder.#file.add("\n");
    return recorder;
  }

  /** The same on something that is no file of its own making; it has to be empty. */
  static onDisk(disk: Disk, options: RecorderOptions): Recorder {
    return new Recorder(options, { disk, length: 0, hasHeader: false, offset: 0, in: 0, out: 0 });
  }

  /** Whether whoever feeds it shall pause the socket; `pressure` tells of changes. */
  get behind(): boolean {
    return this.#isBehind;
  }

  get counts(): RecorderCounts {
    return { in: this.#in, out: this.#out, bytes: this.#file.length, missed: this.#missed };
  }

  /** Bytes that the disk has not taken yet. */
  get pending(): number {
    return this.#file.pending;
  }

  /** The first trouble that there was with the disk. */
  get failed(): WsctlError | undefined {
    return this.#failed;
  }

  /** Hides this value wherever it appears from now on. */
  learn(secret: string): void {
    this.#redactor.learn(secret);
  }

  /** A connection was opened, or its opening was refused. */
  upgrade({ status, target, request, response, phases }: RecordedUpgrade): void {
    const shown = this.#redactor.upgrade({ target, request, response });
    const took = phases && eachToMicroseconds(phases);
    this.#write({ t: this.#t(), k: "upgrade", status, ...shown, phases: took });
  }

  /** A message, ping or pong. */
  message(message: RecordedMessage): void {
    if (this.#finishing) return;
    const t = this.#t(message.at);
    if (!this.#hasRoom()) return this.#miss(t);
    const payload = this.#redactor.payload(message.op, message.payload);
    const line =
      payload === undefined
        ? writeMessage(t, message)
        : writeMessage(t, { ...message, payload }, true);
    if (line === undefined) {
      this.#missed++;
      return this.gap({ why: "too large", missed: 1 });
    }
    if (!isControl(message.op)) {
      if (message.direction === "in") this.#in++;
      else this.#out++;
    }
    return this.#add(line, t);
  }

  /** Something is missing from here on. */
  gap({ why, missed, attempt, lasted }: RecordedGap): void {
    const facts = { missed, attempt, lasted: lasted && toMicroseconds(lasted) };
    const gap: GapLine = { t: this.#t(), k: "gap", why: this.#redactor.text(why), ...facts };
    if (!this.#repeated.counts(gap) && this.#write(gap)) this.#repeated.begin(gap);
  }

  /** Somebody notes something; what was said instead is kept with it. */
  mark(text: string, instead?: SaidInstead): void {
    const said = instead && insteadFields(instead, this.#redactor);
    this.#write({ t: this.#t(), k: "mark", text: this.#redactor.quotation(text), ...said });
  }

  /** A close frame, or the end of the connection without one. */
  close({ by, code, reason }: Pick<CloseLine, "by" | "code" | "reason">): void {
    this.#write({ t: this.#t(), k: "close", by, code, reason: this.#redactor.reason(reason) });
  }

  /**
   * Writes the last line and what is pending, and closes the file. It does not throw: trouble with the
   * disk is told by `trouble` and {@link failed}.
   */
  async finish(): Promise<void> {
    this.#finishing ??= this.#finish();
    await this.#finishing;
  }

  async #finish(): Promise<void> {
    this.#write({ t: this.#t(), k: "end", in: this.#in, out: this.#out }, true);
    const unwritten = await this.#file.finish();
    this.#setBehind(false);
    for (const line of unwritten) {
      const [, direction, op] = messageLine.exec(line) ?? [];
      if (direction === undefined) continue;
      this.#missed++;
      if (isControl(Number(op))) continue;
      if (direction === "in") this.#in--;
      else this.#out--;
    }
  }

  /** Milliseconds since the beginning; lines are rounded to microseconds. */
  #t(at = this.#options.now()): number {
    return Math.max(0, toMicroseconds(at - this.#zero));
  }

  /** @returns whether it was not dropped */
  #write(line: KnownLine, isLast = false): boolean {
    if (this.#finishing && !isLast) return false;
    if (!isLast && this.#file.pending >= this.#most + moreOfOthers) {
      this.#tellRepeated();
      this.#dropped.line(line);
      return false;
    }
    this.#add(writeLine(line), line.t);
    return true;
  }

  #tellRepeated(): void {
    const gap = this.#repeated.take();
    if (gap) this.#file.add(writeLine(gap));
  }

  #tellDropped(t: number): void {
    const gap = this.#dropped.take(t);
    if (gap) this.#file.add(writeLine(gap));
  }

  #add(line: string, t: number): void {
    if (!this.#hasHeader) this.#begin();
    this.#tellRepeated();
    this.#tellDropped(t);
    this.#file.add(line);
    if (this.#file.pending >= behindFrom && this.#isPausable && !this.#file.isRefused) {
      this.#setBehind(true);
    }
  }

  #begin(): void {
    this.#hasHeader = true;
    const { url, startedAt, tool } = this.#options;
    const shown = this.#redactor.url(url);
    this.#file.add(
      writeLine({
        wsrec: formatVersion,
        url: shown,
        startedAt: startedAt.toISOString(),
        tool,
        redacted: this.#redactor.names,
      }),
    );
  }

  /** Where there was none, there is some again only when half of it is free: one gap tells of many. */
  #hasRoom(): boolean {
    const limit = this.#most;
    this.#isDropping = this.#file.pending >= (this.#isDropping ? limit / 2 : limit);
    return !this.#isDropping;
  }

  /** Bytes that may be pending. */
  get #most(): number {
    return this.#file.isRefused ? mostPending : this.#limit;
  }

  #miss(t: number): void {
    this.#tellRepeated();
    this.#dropped.message(t);
    this.#missed++;
    if (this.#file.isRefused) this.#missedInTrouble++;
  }

  #drained(): void {
    if (this.#file.pending < behindUntil) this.#setBehind(false);
  }

  #refused(cause: unknown): void {
    const message = `cannot write ${safeLine(this.#options.path)}: ${whyRefused(cause)}`;
    const error = new WsctlError("WSCTL_EDISK", message, {
      cause,
      hint: "what was written stays; recording goes on when there is room again",
    });
    this.#failed ??= error;
    this.#missedInTrouble = 0;
    // A disk that is full may stay so: the session does not wait for it.
    this.#setBehind(false);
    this.emit("trouble", error);
  }

  #recovered(): void {
    if (!this.#finishing) this.#tellDropped(this.#t());
    this.emit("recovered", this.#missedInTrouble);
  }

  #setBehind(isBehind: boolean): void {
    if (this.#isBehind === isBehind) return;
    this.#isBehind = isBehind;
    this.emit("pressure", isBehind);
  }
}
