/**
 * Owns accepting what came: the recording is written anew beside itself, in order and as a stream, and
 * takes the old one's place in one step at the end. What was not asked about stays as it is: comments,
 * unknown lines and fields, and all that counted as the same.
 */
import { randomUUID } from "node:crypto";
import { type FileHandle, open, rename, rm, stat } from "node:fs/promises";
import path from "node:path";
import { messageOf, WsctlError } from "../base/errors.js";
import { safeLine } from "../base/safe-text.js";
import { isValidUtf8 } from "../frame/utf8.js";
import { Opcode } from "../frame/opcode.js";
import type { EndLine, MessageLine, RecordingHeader } from "../recording/line.js";
import type { RecordedLine } from "../recording/reader.js";
import type { Redactor } from "../recording/redactor.js";
import { writeLine } from "../recording/write-line.js";
import type { Heard } from "./heard.js";
import type { Learned } from "./learned.js";

/** Characters that are written at a time. */
const pieceSize = 256 * 1024;

/** Characters that may wait for a message before them whose fate is not known. */
const mostWaiting = 32 * 1024 * 1024;

/** What of a message line tells of the message that stood there. */
const ofMessage: ReadonlySet<string> = new Set([
  "t",
  "k",
  "op",
  "data",
  "b64",
  "wire",
  "frags",
  "rsv1",
  "redacted",
]);

/** What stands at one place of the new file. */
interface Entry {
  /** Undefined until it is known; empty for nothing. */
  text: string | (() => string) | undefined;
  readonly size: number;
}

/** The place of a recorded message. */
class Place implements Entry {
  text: string | undefined = undefined;
  readonly size: number;
  readonly line: MessageLine;
  readonly raw: string;
  readonly above: string;

  constructor(line: MessageLine, raw: string, above: string) {
    this.line = line;
    this.raw = raw;
    this.above = above;
    this.size = raw.length + above.length;
  }
}

/** What a rewriter needs. */
export interface RewriterParts {
  readonly path: string;
  readonly header: RecordingHeader;
  /** Hides in what came what was hidden in the recording. */
  readonly redactor: Redactor;
  /** Values of now are written as those of the recording: what is sent later has them too. */
  readonly learned: Learned;
}

/** The new form of one recording. */
export class Rewriter {
  readonly #parts: RewriterParts;
  readonly #file: FileHandle;
  readonly #beside: string;
  #waiting: Entry[] = [];
  #waitingSize = 0;
  #pending = "";
  #t = 0;
  #in = 0;
  #out = 0;

  private constructor(parts: RewriterParts, file: FileHandle, beside: string) {
    this.#parts = parts;
    this.#file = file;
    this.#beside = beside;
    const { header, redactor } = parts;
    const names = new Set([...header.redacted, ...redactor.names]);
    this.#pending = writeLine({ ...header, redacted: [...names] });
  }

  /** @throws WsctlError WSCTL_EUSAGE when no file can be made beside the recording */
  static async open(parts: RewriterParts): Promise<Rewriter> {
    const folder = path.dirname(parts.path);
    const beside = path.join(folder, `.${path.basename(parts.path)}.${randomUUID()}`);
    try {
      const { mode } = await stat(parts.path);
      return new Rewriter(parts, await open(beside, "wx", mode & 0o777), beside);
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
    this.#add({ text: `${lines(above)}${raw}\n`, size: raw.length });
  }

  /** A line that becomes another one. */
  change({ above }: RecordedLine, line: Parameters<typeof writeLine>[0]): void {
    const text = lines(above) + writeLine(line);
    this.#add({ text, size: text.length });
  }

  /** The last line, whose counts are known when all before it is. */
  end({ above }: RecordedLine, line: EndLine): void {
    const text = (): string =>
      lines(above) + writeLine({ ...line, in: this.#in, out: this.#out } satisfies EndLine);
    this.#add({ text, size: 100 });
  }

  /** The place of a message that came then, to be handed back with what becomes of it. */
  place({ raw, above }: RecordedLine, line: MessageLine): unknown {
    const place = new Place(line, raw, lines(above));
    this.#add(place);
    return place;
  }

  /** It came as it was. */
  keep({ place }: Heard): void {
    if (!(place instanceof Place)) return;
    this.#decide(place, `${place.above}${place.raw}\n`);
  }

  /** Another came in its place. */
  replace({ place }: Heard, received: Heard): void {
    if (!(place instanceof Place)) return;
    this.#decide(place, place.above + this.#lineOf(received, place.line));
  }

  /** It did not come; the comments above it stay. */
  drop({ place }: Heard): void {
    if (place instanceof Place) this.#decide(place, place.above);
  }

  /** One came that was not recorded. */
  insert(received: Heard): void {
    const next = this.#waiting.find((entry) => entry instanceof Place);
    const t = next?.line.t ?? this.#t;
    const text = this.#lineOf(received, { t, k: "in", op: received.view.opcode });
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
    this.#pending += lines(rest);
    await this.drain(true);
    try {
      await this.#file.sync();
      await this.#file.close();
      await rename(this.#beside, this.#parts.path);
    } catch (cause) {
      throw refusal(this.#parts.path, cause);
    }
  }

  /** Leaves the recording as it is. Does nothing after {@link commit}. */
  async discard(): Promise<void> {
    await this.#file.close().catch(() => {});
    await rm(this.#beside, { force: true });
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

  /** What came as a line; unknown members of the old line stay, what told of its frames does not. */
  #lineOf(received: Heard, old: Pick<MessageLine, "t" | "k" | "op">): string {
    const { redactor, learned } = this.#parts;
    const op = received.view.opcode;
    const payload = learned.recordedFormOf(received.view);
    const hidden = redactor.payload(op, payload);
    const shown = hidden ?? payload;
    const isText = op === Opcode.text && isValidUtf8(shown, 0, shown.length);
    const content = isText ? { data: shown.toString("utf8") } : { b64: shown.toString("base64") };
    const unknown = Object.entries(old).filter(([name]) => !ofMessage.has(name));
    const { t, k } = old;
    const mark = hidden === undefined ? {} : { redacted: true };
    return writeLine({ t, k, op, ...content, ...Object.fromEntries(unknown), ...mark });
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
