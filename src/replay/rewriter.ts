/**
 * Owns accepting what came: the recording is written anew beside itself, in order and as a stream, and
 * takes the old one's place in one step at the end. What was not asked about stays as it is: comments,
 * unknown lines and fields, and all that counted as the same.
 */
import { randomUUID } from "node:crypto";
import { rmSync } from "node:fs";
import { type FileHandle, open, realpath, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import { messageOf, WsctlError } from "../base/errors.js";
import { safeLine } from "../base/safe-text.js";
import { isValidUtf8 } from "../frame/utf8.js";
import { Opcode } from "../frame/opcode.js";
import { MessageView } from "../message/view.js";
import type { CloseLine, EndLine, MessageLine, RecordingHeader } from "../recording/line.js";
import { payloadOf } from "../recording/payload.js";
import type { RecordedLine } from "../recording/reader.js";
import type { Redactor } from "../recording/redactor.js";
import type { Changes } from "../recording/rewrite-line.js";
import { writeLine } from "../recording/write-line.js";
import type { Heard } from "./heard.js";
import { HiddenPlaces, hiddenValues, hideAgain } from "./hide-again.js";
import type { IgnoredPaths } from "./ignore.js";
import { keepIgnored } from "./ignored-values.js";
import type { Learned } from "./learned.js";
import { type Entry, Place } from "./rewriter-place.js";
import { type FileHead, headOf, rewritten } from "./spelling.js";

/** Characters that are written at a time. */
const pieceSize = 256 * 1024;

/** Characters that may wait for a message before them whose fate is not known. */
const mostWaiting = 32 * 1024 * 1024;

/** What a rewriter needs. */
export interface RewriterParts {
  readonly path: string;
  readonly header: RecordingHeader;
  /** Hides in what came what was hidden in the recording. */
  readonly redactor: Redactor;
  /** Values of now are written as those of the recording: what is sent later has them too. */
  readonly learned: Learned;
  /** What is not compared stays as it was recorded. */
  readonly ignored: IgnoredPaths;
  /** What was begun is thrown away at once. */
  readonly abandoned?: AbortSignal | undefined;
}

/** Where the new form goes, and how it begins. */
interface Placed {
  readonly path: string;
  readonly beside: string;
  readonly head: FileHead;
}

/** The new form of one recording. */
export class Rewriter {
  readonly #parts: RewriterParts;
  readonly #file: FileHandle;
  readonly #beside: string;
  #waiting: Entry[] = [];
  #waitingSize = 0;
  #pending = "";
  readonly #hidden = new HiddenPlaces();
  #t = 0;
  #in = 0;
  #out = 0;
  readonly #path: string;
  readonly #abandon = (): void => rmSync(this.#beside, { force: true });
  /** Comments above the header: the reader hands them out above the first line. */
  #aboveHeader: number;

  private constructor(parts: RewriterParts, file: FileHandle, place: Placed) {
    this.#parts = parts;
    this.#file = file;
    this.#beside = place.beside;
    this.#path = place.path;
    const { header, redactor, abandoned } = parts;
    const names = new Set([...header.redacted, ...redactor.names]);
    const { head } = place;
    const isSame = names.size === new Set(header.redacted).size;
    this.#aboveHeader = head.above.length;
    this.#pending =
      lines(head.above) +
      (isSame ? head.raw : rewritten(head.raw, { redacted: [...names] })) +
      "\n";
    abandoned?.addEventListener("abort", this.#abandon);
  }

  /** @throws WsctlError WSCTL_EUSAGE when no file can be made beside the recording */
  static async open(parts: RewriterParts): Promise<Rewriter> {
    try {
      // What a link leads to is written anew, and not the link.
      const real = await realpath(parts.path);
      const beside = path.join(path.dirname(real), `.${path.basename(real)}.${randomUUID()}`);
      const head = await headOf(real);
      const { mode } = await stat(real);
      const file = await open(beside, "wx", mode & 0o777);
      return new Rewriter(parts, file, { path: real, beside, head });
    } catch (cause) {
      throw refusal(parts.path, cause);
    }
  }

  /** Whether so much waits that the fate of the messages before it has to be decided. */
  get isFull(): boolean {
    return this.#waitingSize > mostWaiting;
  }

  /** A line that stays as it is. */
  copy({ line, raw, above }: RecordedLine): void {
    if (line.k === "out" && isDataLine(line)) this.#out++;
    this.#t = line.t;
    this.#add({ text: `${this.#above(above)}${raw}\n`, size: raw.length });
  }

  /** A line of which some fields become others; all else stays as it was spelt. */
  change({ line, raw, above }: RecordedLine, changes: Changes): void {
    this.#t = line.t;
    const text = `${this.#above(above)}${rewritten(raw, changes)}\n`;
    this.#add({ text, size: text.length });
  }

  /** A close that the recording has no line for. */
  close(close: Omit<CloseLine, "t" | "k">): void {
    const text = writeLine({ t: this.#t, k: "close", ...close });
    this.#add({ text, size: text.length });
  }

  /** The last line, whose counts are known when all before it is. */
  end({ raw, above }: RecordedLine, line: EndLine): void {
    const before = this.#above(above);
    const text = (): string => {
      const isSame = line.in === this.#in && line.out === this.#out;
      return `${before}${isSame ? raw : rewritten(raw, { in: this.#in, out: this.#out })}\n`;
    };
    this.#add({ text, size: 100 });
  }

  /** The place of a message that came then, to be handed back with what becomes of it. */
  place({ raw, above }: RecordedLine, line: MessageLine): unknown {
    this.#t = line.t;
    if (line.redacted) this.#hidden.add(new MessageView(line.op, payloadOf(line)));
    const place = new Place(line, raw, this.#above(above));
    this.#add(place);
    return place;
  }

  /** It came as it was. */
  keep({ place, isRedacted, view }: Heard, received: Heard): void {
    if (isRedacted) this.#learnFrom(view, received.view);
    if (!(place instanceof Place)) return;
    this.#decide(place, `${place.above}${place.raw}\n`);
  }

  /** Another came in its place. */
  replace({ place, isRedacted, view }: Heard, received: Heard): void {
    if (isRedacted) this.#learnFrom(view, received.view);
    if (!(place instanceof Place)) return;
    this.#decide(place, place.above + this.#replaced(received, place));
  }

  /** It did not come; the comments above it stay. */
  drop({ place }: Heard): void {
    if (place instanceof Place) this.#decide(place, place.above);
  }

  /** One came that was not recorded. */
  insert(received: Heard): void {
    const next = this.#waiting.find((entry) => entry instanceof Place);
    const t = next?.line.t ?? this.#t;
    const { opcode: op } = received.view;
    const text = writeLine({ t, k: "in", op, ...this.#contentOf(received, undefined) });
    this.#in++;
    const entry = { text, size: text.length };
    // Before the first whose fate is open: those before that are decided, and written.
    const at = this.#waiting.findIndex(({ text: known }) => known === undefined);
    if (at < 0) this.#add(entry);
    else if (at === 0) this.#pending += text;
    else this.#waiting.splice(at, 0, entry);
  }

  /** Writes what is known, when there is enough of it. */
  async drain(isAll = false): Promise<void> {
    if (this.#pending.length < pieceSize && !isAll) return;
    const pending = this.#pending;
    this.#pending = "";
    try {
      await this.#file.appendFile(pending);
    } catch (cause) {
      throw refusal(this.#parts.path, cause);
    }
  }

  /**
   * Puts the new file into the old one's place.
   * @param rest comments below the last line
   * @throws WsctlError WSCTL_EUSAGE when that cannot be done; the old one is then as it was
   */
  async commit(rest: readonly string[]): Promise<void> {
    this.#pending += this.#above(rest);
    await this.drain(true);
    try {
      await this.#file.sync();
      await this.#file.close();
      await rename(this.#beside, this.#path);
    } catch (cause) {
      throw refusal(this.#parts.path, cause);
    }
  }

  /** Leaves the recording as it is. Does nothing after {@link commit}. */
  async discard(): Promise<void> {
    await this.#file.close().catch(() => {});
    await rm(this.#beside, { force: true });
    this.#parts.abandoned?.removeEventListener("abort", this.#abandon);
  }

  #above(above: readonly string[]): string {
    const written = this.#aboveHeader === 0 ? above : above.slice(this.#aboveHeader);
    this.#aboveHeader = 0;
    return lines(written);
  }

  /** What stands where something was hidden is hidden wherever it is said again. */
  #learnFrom(recorded: MessageView, received: MessageView): void {
    for (const secret of hiddenValues(recorded, received)) this.#parts.redactor.learn(secret);
  }

  #decide(place: Place, text: string): void {
    place.text = text;
    if (text.length > place.above.length) this.#in++;
    this.#flush();
  }

  #add(entry: Entry): void {
    this.#waiting.push(entry);
    this.#waitingSize += entry.size;
    this.#flush();
  }

  #flush(): void {
    let known = 0;
    for (const { text, size } of this.#waiting) {
      if (text === undefined) break;
      this.#pending += typeof text === "string" ? text : text();
      this.#waitingSize -= size;
      known++;
    }
    if (known > 0) this.#waiting = this.#waiting.slice(known);
  }

  /** The line with what came; what it told of the frames of then goes, all else stays as it was spelt. */
  #replaced(received: Heard, { line, raw }: Place): string {
    const { data, b64, redacted } = this.#contentOf(received, line);
    const frames = { wire: undefined, frags: undefined };
    const op = received.view.opcode;
    const changes = { ...(op === line.op ? {} : { op }), data, b64, redacted, ...frames };
    return `${rewritten(raw, changes)}\n`;
  }

  #contentOf(
    received: Heard,
    old: MessageLine | undefined,
  ): Pick<MessageLine, "data" | "b64" | "redacted"> {
    const { redactor, learned, ignored } = this.#parts;
    const op = received.view.opcode;
    const said = learned.recordedFormOf(received.view);
    const was = old && new MessageView(old.op, payloadOf(old));
    const payload = was ? keepIgnored(was, new MessageView(op, said), ignored) : said;
    const hidden = redactor.payload(op, payload) ?? payload;
    const now = new MessageView(op, hidden);
    const then = old?.redacted === true ? was : undefined;
    const shown = then ? hideAgain(then, now) : this.#hidden.hide(now);
    const isText = op === Opcode.text && isValidUtf8(shown, 0, shown.length);
    return {
      ...(isText ? { data: shown.toString("utf8") } : { b64: shown.toString("base64") }),
      ...(shown.equals(payload) ? {} : { redacted: true }),
    };
  }
}

function lines(all: readonly string[]): string {
  return all.map((line) => `${line}\n`).join("");
}

function isDataLine(line: RecordedLine["line"]): boolean {
  return line["op"] === Opcode.text || line["op"] === Opcode.binary;
}

function refusal(file: string, cause: unknown): WsctlError {
  const message = `${safeLine(file, 100)} cannot be written anew: ${safeLine(messageOf(cause))}`;
  return new WsctlError("WSCTL_EUSAGE", message, { cause, hint: "the recording is as it was" });
}
