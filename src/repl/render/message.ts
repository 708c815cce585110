/** Owns how a message looks above the prompt. */
import { isUtf8 } from "node:buffer";
import { formatSize } from "../../base/quantity.js";
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
}

/** What passes by. */
export const glance: MessageBounds = { lines: 24, characters: 2000 };

/** What was asked for. */
export const study: MessageBounds = { lines: 400, characters: 65_536 };

/** Bytes of JSON that are laid out; longer ones are shown as text. */
const longestJson = 256 * 1024;

const indent = "    ";

/** A message to be drawn. */
export interface Drawing {
  readonly entry: LogEntry;
  /** Milliseconds since the line before. */
  readonly delta: number | undefined;
  readonly view: LensView | undefined;
  readonly style: MessageStyle;
  readonly bounds: MessageBounds;
  readonly ink: Ink;
}

/** What stands behind the arrow, and the lines below. */
interface Body extends Lines {
  readonly head: string;
  /** Bytes that can be told to be missing. */
  readonly rest?: number;
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

function textBody(text: string, drawing: Drawing, room: number): Body {
  const { entry, style, bounds, ink } = drawing;
  const shown = text.slice(0, bounds.characters);
  const safe = style.raw ? shown : safeText(shown);
  const all = (style.pretty ? safe : safe.replaceAll("\n", "⏎")).split("\n");
  const lines = all.slice(0, bounds.lines);
  const cut = text.length < entry.length ? Buffer.byteLength(shown) < entry.length : shown !== text;
  const rest = Math.max(0, entry.length - Buffer.byteLength(shown));
  const isCut = cut || lines.length < all.length;
  if (text === "") return { head: ink.chalk.dim("(empty)"), lines: [], cut: false };
  if (lines.length === 1 && (!style.pretty || textWidth(lines[0]!) <= room || !isCut)) {
    return { head: lines[0]!, lines: [], cut: isCut, rest };
  }
  const count = all.length > 1 && !isCut ? `, ${all.length} lines` : "";
  return { head: ink.chalk.dim(`${formatSize(entry.length)}${count}`), lines, cut: isCut, rest };
}

function jsonBody(text: string, drawing: Drawing, room: number): Body | undefined {
  const { entry, style, bounds, ink } = drawing;
  if (!style.pretty || text.length > longestJson || text.length < entry.data.length / 4) {
    return undefined;
  }
  const tree = jsonTree(text);
  if (!tree) return undefined;
  const { chalk } = ink;
  const { raw } = style;
  const longestString = bounds.characters;
  const look = { chalk, raw, longestString, mostLines: bounds.lines };
  const head = jsonLine(tree, { ...look, width: room });
  if (head !== undefined) return { head, lines: [], cut: false };
  const width = ink.width - indent.length;
  return { head: chalk.dim(formatSize(entry.length)), ...jsonLines(tree, { ...look, width }) };
}

function binaryBody({ entry, bounds, ink }: Drawing): Body {
  const { chalk } = ink;
  const most = Math.max(4, Math.floor(bounds.lines / 2));
  const hex = hexLines(entry.data, ink, most);
  const rest = entry.length - Math.min(entry.length, most * 16);
  return { head: chalk.magenta(`binary ${formatSize(entry.length)}`), ...hex, rest };
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

function bodyOf(drawing: Drawing, room: number): Body {
  const { entry, view, bounds, ink } = drawing;
  if (view) return lensBody(view, drawing, room);
  const isSmall = entry.data.length <= longestJson;
  const text = textOf(entry.data, isSmall ? entry.data.length : bounds.characters * 4);
  if (!entry.binary && text !== undefined) {
    return jsonBody(text, drawing, room) ?? textBody(text, drawing, room);
  }
  const label = `binary ${formatSize(entry.length)} `;
  const json =
    text === undefined ? undefined : jsonBody(text, drawing, Math.max(20, room - label.length));
  return json ? { ...json, head: ink.chalk.magenta(label) + json.head } : binaryBody(drawing);
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
  const room = ink.width - stampWidth - number.length - 3;
  const body = bodyOf(drawing, room);
  const first = stamp(entry.time, delta, chalk) + mark + body.head;
  const lines = body.lines.map((line) => indent + line);
  if (body.cut) {
    const rest =
      body.rest === undefined || body.rest === 0 ? "more" : `${formatSize(body.rest)} more`;
    lines.push(chalk.dim(`${indent}… ${rest}: /show ${entry.number}`));
  }
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
