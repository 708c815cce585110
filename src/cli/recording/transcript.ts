/** Owns how a recording reads: a line for each thing that happened, all of it made harmless. */
import { isUtf8 } from "node:buffer";
import { formatCount, formatDuration, formatSize } from "../../base/quantity.js";
import { safeLine, safeText } from "../../base/safe-text.js";
import { Opcode } from "../../frame/opcode.js";
import { headerValue } from "../../frame/upgrade.js";
import { isMessage, isUpgrade } from "../../recording/har/line-kind.js";
import type {
  CloseLine,
  EndLine,
  GapLine,
  KnownLine,
  MarkLine,
  MessageLine,
  OtherLine,
  RecordingHeader,
  UpgradeLine,
} from "../../recording/line.js";
import { payloadOf, plainWire } from "../../recording/payload.js";
import { hexLines } from "../../repl/render/hex.js";
import { arrow } from "../../repl/render/stamp.js";
import { type Ink, warn } from "../../report/ink.js";
import { opcodeName } from "../../session/frame-text.js";
import { closeWords } from "../pipe/close-words.js";
import { indentJson } from "../pipe/json-indent.js";
import { cutLine } from "./cut-line.js";
import { elapsed, elapsedWidth } from "./elapsed.js";

/** How to draw. */
export interface TranscriptStyle {
  /** Lays JSON and text of several lines out, instead of keeping them on one. */
  readonly pretty: boolean;
  /** Shows whole payloads, however long. */
  readonly full: boolean;
  /** Leaves control characters as they are. */
  readonly raw: boolean;
  /** Shows the headers of upgrades. */
  readonly headers: boolean;
  /** Cuts lines that are longer; undefined leaves them as long as they are. */
  readonly columns?: number | undefined;
}

/** Which of several recordings it is. */
interface PartName {
  /** From 1. */
  readonly number: number;
  /** The file. */
  readonly name: string;
}

/** How much of a payload is shown unless all of it is asked for. */
const glance = { characters: 1000, lines: 40, rows: 4, bytes: 64 };

/** Under the arrow. */
const indent = " ".repeat(elapsedWidth + 2);

/** Draws one recording. */
export class Transcript {
  readonly #ink: Ink;
  readonly #style: TranscriptStyle;

  constructor(ink: Ink, style: TranscriptStyle) {
    this.#ink = ink;
    this.#style = style;
  }

  /** What is above the lines; of several recordings, with which one it is. */
  begin({ url, startedAt, tool, redacted, ...more }: RecordingHeader, of?: PartName): string {
    const { chalk } = this.#ink;
    const origin = typeof more["importedFrom"] === "string" ? ` from ${more["importedFrom"]}` : "";
    const by = tool === "" ? "" : ` by ${safeLine(tool, 60)}`;
    const hidden = redacted.length > 0 ? `, redacted: ${safeLine(redacted.join(", "))}` : "";
    const where = url === "" ? "an unknown place" : safeLine(url, 300);
    const facts = `recorded ${safeLine(startedAt, 40)}${by}${safeLine(origin, 80)}${hidden}`;
    const name = of ? `#${of.number} ${safeLine(of.name, 300)}\n` : "";
    return `${name}${chalk.bold(where)}\n${chalk.dim(facts)}\n\n`;
  }

  /**
   * One line of the recording, as one or several lines.
   * @param after ms that are added to its time
   * @param number of the recording among those that are merged
   */
  draw(line: KnownLine | OtherLine, after = 0, number?: number): string {
    const { chalk } = this.#ink;
    const { columns } = this.#style;
    const time = chalk.dim(elapsed(line.t + after));
    const whose = number === undefined ? "" : `${chalk.cyan(`#${number}`)} `;
    const [first = "", ...below] = this.#body(line);
    const lines = [`${time}  ${whose}${first}`, ...below.map((text) => indent + text)];
    const shown = columns === undefined ? lines : lines.map((each) => cutLine(each, columns));
    return `${shown.join("\n")}\n`;
  }

  #body(line: KnownLine | OtherLine): string[] {
    if (isMessage(line)) return this.#message(line);
    if (isUpgrade(line)) return this.#upgrade(line);
    return [this.#event(line)];
  }

  #event(line: KnownLine | OtherLine): string {
    const { chalk } = this.#ink;
    switch (line.k) {
      case "gap":
        return warn(this.#ink, `gap: ${gapWords(line as GapLine)}`);
      case "mark":
        return this.#mark(line as MarkLine);
      case "close": {
        const { by, code, reason } = line as CloseLine;
        const who = by === "nobody" ? "ended without a close frame" : `closed by the ${by}`;
        return `${chalk.bold(who)}: ${closeWords(code, reason)}`;
      }
      case "end": {
        const { in: came, out: went } = line as EndLine;
        return chalk.dim(`end, ${formatCount(came)} received, ${formatCount(went)} sent`);
      }
      default: {
        const { t: _, k, ...more } = line as OtherLine;
        return chalk.dim(`${safeLine(k, 40)} ${this.#safe(JSON.stringify(more))}`);
      }
    }
  }

  /** What was said in a message's place stands behind it. */
  #mark(line: MarkLine): string {
    const { chalk } = this.#ink;
    const mark = `${chalk.bold("mark")} ${this.#safe(line.text)}`;
    if (line.op === undefined) return mark;
    return `${mark}${chalk.dim(", sent instead:")} ${this.#instead(line.op, payloadOf(line))}`;
  }

  #instead(op: number, payload: Buffer): string {
    if (op === Opcode.close && payload.length >= 2) {
      const reason = payload.toString("utf8", 2);
      return `close ${closeWords(payload.readUInt16BE(0), reason)}`;
    }
    const { chalk } = this.#ink;
    const { full } = this.#style;
    const size = `${opcodeName(op)} ${formatSize(payload.length)}`;
    if (op === Opcode.text && isUtf8(payload)) {
      const text = payload.toString("utf8");
      const kept = full ? text : beginning(text, glance.characters);
      const more = kept.length < text.length ? ` ${this.#more("")}` : "";
      return `${this.#safe(kept)}${more}${chalk.dim(`  ${size}`)}`;
    }
    const shown = full ? payload : payload.subarray(0, glance.bytes);
    const more = shown.length < payload.length ? ` ${this.#more("")}` : "";
    return `hex ${shown.toString("hex")}${more}${chalk.dim(`  ${size}`)}`;
  }

  #upgrade({ status, target, request, response, phases = {} }: UpgradeLine): string[] {
    const { chalk } = this.#ink;
    const took = Object.values(phases).reduce((sum, ms) => sum + ms, 0);
    const subprotocol = headerValue(response, "sec-websocket-protocol");
    const facts = [
      target === undefined ? "" : safeLine(target, 200),
      subprotocol === undefined ? "" : `subprotocol ${safeLine(subprotocol, 60)}`,
      took > 0 ? formatDuration(took) : "",
    ].filter((fact) => fact !== "");
    const first = `${chalk.bold("upgrade")} ${status}  ${facts.join(", ")}`.trimEnd();
    if (!this.#style.headers) return [first];
    const heads = [request, response].flatMap((headers, side) =>
      headers.map(
        ([name, value]) => `${side === 0 ? "→" : "←"} ${safeLine(`${name}: ${value}`, 400)}`,
      ),
    );
    return [first, ...heads.map((head) => chalk.dim(head))];
  }

  #message(line: MessageLine): string[] {
    const { chalk } = this.#ink;
    const payload = payloadOf(line);
    const size = formatSize(payload.length);
    const facts = factsOf(line, payload.length);
    const head = `${arrow(line.k, chalk)} ${opcodeName(line.op)} ${size}${chalk.dim(facts)}`;
    if (payload.length === 0) return [head];
    if (!isUtf8(payload) || line.op === Opcode.binary) return this.#binary(head, payload);
    return this.#text(head, payload.toString("utf8"));
  }

  #binary(head: string, payload: Buffer): string[] {
    const { lines, shown } = hexLines(
      payload,
      this.#ink,
      this.#style.full ? Infinity : glance.rows,
    );
    const rest = payload.length - shown;
    return [head, ...lines, ...(rest > 0 ? [this.#more(formatSize(rest))] : [])];
  }

  #text(head: string, text: string): string[] {
    const { pretty, full } = this.#style;
    const laidOut = pretty ? (indentJson(text) ?? text) : text;
    const kept = full ? laidOut : beginning(laidOut, glance.characters);
    const lines = pretty ? kept.split("\n") : [kept];
    const shown = full ? lines : lines.slice(0, glance.lines);
    const safe = shown.map((line) => this.#safe(line));
    const isCut = kept.length < laidOut.length || shown.length < lines.length;
    const more = isCut ? [this.#more("")] : [];
    if (shown.length === 1) return [`${head}  ${safe[0]}`, ...more];
    return [head, ...safe, ...more];
  }

  /** On one line, since what breaks lines is either shown or has been taken out. */
  #safe(text: string): string {
    if (this.#style.raw) return text;
    return safeText(text)
      .replaceAll("\n", "⏎")
      .replaceAll("\t", this.#style.pretty ? "  " : " ");
  }

  #more(rest: string): string {
    return this.#ink.chalk.dim(`… ${rest === "" ? "more" : `${rest} more`}: --full`);
  }
}

/** The first characters; a pair of surrogates is not cut in two. */
function beginning(text: string, characters: number): string {
  const isPair = /[\ud800-\udbff]/.test(text.charAt(characters - 1));
  return text.slice(0, isPair ? characters - 1 : characters);
}

/** What one could not tell from the payload. */
function factsOf({ k, frags, wire, rsv1, redacted }: MessageLine, length: number): string {
  // Of what was redacted, nothing tells how large it was.
  const compressedWords = (): string =>
    wire === undefined && redacted === true
      ? "compressed"
      : `compressed to ${formatSize(wire ?? plainWire(k, length))}`;
  const facts = [
    frags && frags.length > 1 ? `${formatCount(frags.length)} frames` : "",
    rsv1 === true ? compressedWords() : "",
    redacted === true ? "redacted" : "",
  ].filter((fact) => fact !== "");
  return facts.length === 0 ? "" : ` (${facts.join(", ")})`;
}

function gapWords({ why, missed, attempt, lasted }: GapLine): string {
  return [
    safeLine(why, 60),
    missed === undefined ? "" : `${formatCount(missed)} messages missed`,
    attempt === undefined ? "" : `attempt ${attempt}`,
    lasted === undefined ? "" : formatDuration(lasted),
  ]
    .filter((word) => word !== "")
    .join(", ");
}
