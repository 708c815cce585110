/**
 * Owns how a line is written: JSON in the order of its members, with nothing in it that would break
 * the line in an editor or move the cursor of a terminal that shows the file.
 */
import { Opcode } from "../frame/opcode.js";
import { isValidUtf8 } from "../frame/utf8.js";
import type { KnownLine, OtherLine, RecordingHeader } from "./line.js";
import { plainWire } from "./payload.js";

/** What JSON leaves as it is: DEL, C1, the line separators and the bidi controls. */
const unwelcome = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/;
const eachUnwelcome = new RegExp(unwelcome, "g");

/** Longer lines are not written, in characters; less than what is read. */
const longestWritten = 240 * 1024 * 1024;

/** Texts of which so many bytes may take six characters each are measured before they are written. */
const largeText = 32 * 1024 * 1024;

function escaped(char: string): string {
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

function harmless(json: string): string {
  return unwelcome.test(json) ? json.replace(eachUnwelcome, escaped) : json;
}

/** The JSON of a value, as it stands in a line. */
export function jsonOf(value: unknown): string {
  return harmless(JSON.stringify(value));
}

/**
 * One line with its line break. Unknown members are kept in their places; who changes a line of a file
 * takes `rewriteLine`, which keeps the spelling of all else too.
 */
export function writeLine(line: RecordingHeader | KnownLine | OtherLine): string {
  return `${jsonOf(line)}\n`;
}

/** What a recorder knows of a message; see `MessageLine`. */
export interface MessageFacts {
  readonly direction: "in" | "out";
  readonly op: number;
  /** Inflated. */
  readonly payload: Buffer;
  readonly wire?: number | undefined;
  readonly frags?: readonly number[] | undefined;
  readonly rsv1?: boolean | undefined;
}

/** Of each byte: 0 for ASCII that stands for itself, 1 where JSON has to escape it, 2 for all else. */
const special = new Uint8Array(256).fill(1, 0, 0x20).fill(2, 0x7f);
special[0x22] = 1;
special[0x5c] = 1;

/** Of longer texts it costs more to look at each byte here than to have it done natively. */
const shortText = 1024;

/** The text as JSON; undefined when it is no UTF-8. Most messages are short and ASCII. */
function jsonText(payload: Buffer): string | undefined {
  const { length } = payload;
  if (length <= shortText) {
    let found = 0;
    for (let at = 0; at < length; at++) found |= special[payload[at]!]!;
    if (found < 2) {
      const text = payload.toString("latin1", 0, length);
      return found === 0 ? `"${text}"` : JSON.stringify(text);
    }
  }
  if (!isValidUtf8(payload, 0, length) || !isShortAsText(payload)) return undefined;
  return jsonOf(payload.toString("utf8"));
}

/** A control character takes six bytes of JSON. */
function isShortAsText(payload: Buffer): boolean {
  if (payload.length <= largeText) return true;
  let longer = 0;
  // C1 takes two bytes in UTF-8, the first of which is 0xc2.
  for (const byte of payload) if (byte < 0x20 || byte === 0x7f || byte === 0xc2) longer++;
  return payload.length + 5 * longer <= longestWritten;
}

/**
 * The line of a message: the same as {@link writeLine} gives, in a third of the time.
 * @param t milliseconds, rounded as it is to be written
 * @param isRedacted whether something of the payload is not what was said
 * @returns undefined for a message that is too large to be read back
 */
export function writeMessage(
  t: number,
  { direction, op, payload, wire, frags, rsv1 }: MessageFacts,
  isRedacted = false,
): string | undefined {
  const { length } = payload;
  let line = `{"t":${t},"k":"${direction}","op":${op},`;
  const text = op === Opcode.text ? jsonText(payload) : undefined;
  if (text !== undefined) line += `"data":${text}`;
  else if (length > (longestWritten / 4) * 3) return undefined;
  else line += `"b64":"${payload.toString("base64")}"`;
  // Beside a text without its secrets, the sizes of what was said would tell how long those are. In
  // bytes what stands in their place is as long as they are.
  const isSized = !isRedacted || op !== Opcode.text;
  if (isSized && wire !== undefined && wire !== plainWire(direction, length)) {
    line += `,"wire":${wire}`;
  }
  if (isSized && frags !== undefined && frags.length > 1) line += `,"frags":[${frags.join(",")}]`;
  if (rsv1 === true) line += ',"rsv1":true';
  return `${line}${isRedacted ? ',"redacted":true' : ""}}\n`;
}
