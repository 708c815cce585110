/** Owns how a message looks above the prompt. */
import { isUtf8 } from "node:buffer";
import { formatDuration, formatSize } from "../../base/quantity.js";
import { safeText } from "../../base/safe-text.js";
import type { LensView } from "../../lens/lens.js";
import type { Ink } from "../../report/ink.js";
import { charWidth, textWidth } from "../char-width.js";
import type { LogEntry } from "../message-log.js";
import { hexLines } from "./hex.js";
import { type Lines, jsonLine, jsonLines } from "./json.js";
import { jsonTree } from "./json-tree.js";
import { arrow, stamp, stampWidth } from "./stamp.js";

/** What the person has chosen. */
interface MessageStyle {
  readonly pretty: boolean;
  /** Leaves control characters as they are. */
  readonly raw: boolean;
  /** Adds what each message was on the wire. */
  readonly frames: boolean;
}

/** How much of one message is shown. */
export interface MessageBounds {
  readonly lines: number;
  /** Characters of text. */
  readonly characters: number;
  /** Whether what is left out can be shown next, so that none of it may be skipped. */
  readonly pages: boolean;
}

/** What passes by. */
export const glance: MessageBounds = { lines: 24, characters: 2000, pages: false };

/** What was asked for. */
export const study: MessageBounds = { lines: 400, characters: 65_536, pages: true };

/** Bytes of JSON that are laid out; longer ones are shown as text. */
const longestJson = 256 * 1024;

const indent = "    ";

/** A message to be drawn. */
export interface Drawing {
  readonly entry: LogEntry;
  /** The byte to begin with; 0 unless told. */
  readonly from?: number | undefined;
  /** Milliseconds since the line before. */
  readonly delta: number | undefined;
  readonly view: LensView | undefined;
  /** Milliseconds since what this message answers was sent, where that is known. */
  readonly answers?: number | undefined;
  readonly style: MessageStyle;
  readonly bounds: MessageBounds;
  readonly ink: Ink;
}

/** What stands behind the arrow, and the lines below. */
interface Body extends Lines {
  readonly head: string;
  /** Bytes that are shown, where that can be told. */
  readonly shown?: number | undefined;
}

/** The bytes from which a message is drawn, as text where they are some. */
interface Part {
  readonly data: Buffer;
  readonly from: number;
  /** Undefined when it is not UTF-8; the beginning, where there is much. */
  readonly text: string | undefined;
}

/** The text of the first bytes, as far as it is UTF-8; undefined when it is something else. */
function textOf(data: Buffer, most: number): string | undefined {
  const bytes = data.subarray(0, most);
  if (bytes.length === data.length) return isUtf8(bytes) ? bytes.toString("utf8") : undefined;
  // A character may have been cut in two: at most three of its bytes are here.
  for (let cut = 0; cut < 4; cut++) {
    const whole = bytes.subarray(0, bytes.length - cut);
    if (isUtf8(whole)) return whole.toString("utf8");
  }
  return undefined;
}

/** From that byte on, or from where the character begins that it is within. */
function partOf({ entry, from: asked = 0, bounds }: Drawing): Part {
  let from = Math.min(asked, entry.data.length);
  const least = Math.max(0, from - 3);
  while (!entry.binary && from > least && ((entry.data[from] ?? 0) & 0xc0) === 0x80) from--;
  const data = entry.data.subarray(from);
  const text = textOf(data, data.length <= longestJson ? data.length : bounds.characters * 4);
  return { data, from, text };
}

/** The first characters; a pair of surrogates is not cut in two. */
function beginningOf(text: string, characters: number): string {
  const isPair = /[\ud800-\udbff]/.test(text.charAt(characters - 1));
  return text.slice(0, isPair ? characters - 1 : characters);
}

function textBody(text: string, { data, from }: Part, drawing: Drawing, room: number): Body {
  const { entry, style, bounds, ink } = drawing;
  if (text === "") return { head: ink.chalk.dim("(empty)"), lines: [], cut: false };
  const kept = beginningOf(text, bounds.characters);
  const all = style.pretty ? kept.split("\n") : [kept];
  const chosen = all.slice(0, bounds.lines);
  const shown = Buffer.byteLength(chosen.length < all.length ? `${chosen.join("\n")}\n` : kept);
  const cut = shown < data.length || entry.data.length < entry.length;
  const visible = style.raw ? chosen : chosen.map((line) => safeText(line));
  const lines = style.pretty ? visible : visible.map((line) => line.replaceAll("\n", "⏎"));
  if (lines.length === 1 && (!style.pretty || textWidth(lines[0]!) <= room || !cut)) {
    return { head: lines[0]!, lines: [], cut, shown };
  }
  const count = all.length > 1 && !cut ? `, ${all.length} lines` : "";
  const begins = from > 0 ? `, from byte ${from}` : "";
  return { head: ink.chalk.dim(`${formatSize(entry.length)}${count}${begins}`), lines, cut, shown };
}

function jsonBody(text: string, { data }: Part, drawing: Drawing, room: number): Body | undefined {
  const { entry, style, bounds, ink } = drawing;
  const isPart = data.length > longestJson || entry.data.length < entry.length;
  const tree = style.pretty && !isPart ? jsonTree(text) : undefined;
  if (!tree) return undefined;
  const { chalk } = ink;
  const { raw } = style;
  const longestString = bounds.characters;
  const look = { chalk, raw, longestString, mostLines: bounds.lines };
  const head = jsonLine(tree, { ...look, width: room });
  if (head !== undefined) return { head, lines: [], cut: false };
  const width = ink.width - indent.length;
  const { lines, cut, shown } = jsonLines(tree, { ...look, width });
  // As text, none of it is skipped.
  if (cut && shown === undefined && bounds.pages) return undefined;
  const bytes = shown === undefined ? undefined : Buffer.byteLength(text.slice(0, shown));
  return { head: chalk.dim(formatSize(entry.length)), lines, cut, shown: bytes };
}

function binaryBody({ from }: Part, { entry, bounds, ink }: Drawing): Body {
  const { chalk } = ink;
  const most = Math.max(4, Math.floor(bounds.lines / 2));
  const hex = hexLines(entry.data, ink, most, from);
  const cut = hex.cut || entry.data.length < entry.length;
  return { head: chalk.magenta(`binary ${formatSize(entry.length)}`), ...hex, cut };
}

function lensBody(view: LensView, drawing: Drawing, room: number): Body {
  const { style, bounds, ink } = drawing;
  const { chalk } = ink;
  const title = view.title.replace(/^[→←] /, "");
  const color = { request: chalk.bold, response: chalk.bold, event: chalk.bold, error: chalk.red };
  const head = view.kind === "control" ? chalk.dim(title) : color[view.kind](title);
  if (!style.pretty || view.body === undefined || view.kind === "control") {
    return { head, lines: [], cut: false };
  }
  const text = JSON.stringify(view.body);
  const tree = text.length <= longestJson ? jsonTree(text) : undefined;
  const { raw } = style;
  const look = { chalk, raw, longestString: bounds.characters, mostLines: bounds.lines };
  const rest = room - textWidth(title) - 2;
  if (tree) {
    const line = rest > 8 ? jsonLine(tree, { ...look, width: rest }) : undefined;
    if (line !== undefined) return { head: `${head}  ${line}`, lines: [], cut: false };
    return { head, ...jsonLines(tree, { ...look, width: ink.width - indent.length }) };
  }
  if (text.length > longestJson || typeof view.body === "object") {
    return { head, lines: [], cut: true };
  }
  const value = safeText(text.slice(0, bounds.characters));
  return { head: `${head}  ${value}`, lines: [], cut: value.length < text.length };
}

function bodyOf(part: Part, drawing: Drawing, room: number): Body {
  const { entry, view, ink } = drawing;
  if (view) return lensBody(view, drawing, room);
  const { text } = part;
  if (!entry.binary && text !== undefined) {
    return jsonBody(text, part, drawing, room) ?? textBody(text, part, drawing, room);
  }
  const label = `binary ${formatSize(entry.length)} `;
  const json =
    text === undefined
      ? undefined
      : jsonBody(text, part, drawing, Math.max(20, room - label.length));
  return json ? { ...json, head: ink.chalk.magenta(label) + json.head } : binaryBody(part, drawing);
}

/** How to see what is left out. */
function moreNote({ from }: Part, { shown }: Body, { entry, bounds }: Drawing): string {
  const { number, data, length } = entry;
  const next = shown === undefined ? undefined : from + shown;
  const rest = next === undefined || next >= length ? "" : `${formatSize(length - next)} `;
  if (!bounds.pages || next === undefined) return `… ${rest}more: /show ${number}`;
  // Of a message that was too large the rest is not kept.
  return next < data.length
    ? `… ${rest}more: /show ${number} ${next} goes on, /save FILE ${number} has it all`
    : `… ${rest}more were not kept`;
}

function wireNote({ entry }: Drawing): string {
  // Of a single frame that is not compressed its own line says it all.
  if (entry.frames === 0 || (entry.frames === 1 && !entry.compressed)) return "";
  const frames = entry.frames === 1 ? "1 frame" : `${entry.frames} frames`;
  const ratio = entry.length > 0 ? Math.round((entry.wire / entry.length) * 100) : 100;
  const deflated = entry.compressed ? `, deflated to ${ratio} %` : "";
  return `${frames}, ${formatSize(entry.wire)} on the wire for ${formatSize(entry.length)}${deflated}`;
}

/** The message, its lines joined; the last one not ended. */
export function drawMessage(drawing: Drawing): string {
  const { entry, delta, style, ink } = drawing;
  const { chalk } = ink;
  const number = `#${entry.number}`.padStart(4);
  const mark = `${chalk.dim(number)} ${arrow(entry.direction, chalk)} `;
  const time = drawing.answers === undefined ? "" : ` (${formatDuration(drawing.answers)})`;
  const room = ink.width - stampWidth - number.length - 3 - time.length;
  const part = partOf(drawing);
  const body = bodyOf(part, drawing, room);
  const first = stamp(entry.time, delta, chalk) + mark + body.head + chalk.dim(time);
  const lines = body.lines.map((line) => indent + line);
  if (body.cut) lines.push(chalk.dim(indent + moreNote(part, body, drawing)));
  if (style.frames) {
    const note = wireNote(drawing);
    if (note !== "") lines.push(chalk.dim(indent + note));
  }
  return [first, ...lines].join("\n");
}

/** One line of a message, for lists: what is around `at` in its text. */
export function excerpt(text: string, at: number, width: number): string {
  const from = at > width / 2 ? Math.max(0, Math.floor(at - width / 3)) : 0;
  let line = from > 0 ? "…" : "";
  let columns = line.length;
  for (const char of text.slice(from, from + width * 2)) {
    const safe = char === "\n" ? "⏎" : char === "\t" ? " " : safeText(char);
    for (const each of safe) columns += charWidth(each);
    if (columns > width - 1) return `${line}…`;
    line += safe;
  }
  return line;
}
