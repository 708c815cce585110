/**
 * Owns putting other values into a JSON message without touching anything else of it: white space,
 * the order and the repeats of keys, and how numbers are written all stay.
 */
import { invalid, skipNumber, skipString } from "../message/json-token.js";

/** What goes into the message: a text or a number, or a number as it is to be written. */
export type Replacement = string | number | { readonly raw: string };

/** What takes the place of a value; undefined leaves it as it is. */
export interface LeafReplacer {
  /** @param key the name of the member that it is, or of the nearest one around it; empty without one */
  text(text: string, key: string): Replacement | undefined;
  /** @param text as it is written */
  number(text: string, key: string): Replacement | undefined;
}

const [quote, minus, zero, nine, colon, space] = [0x22, 0x2d, 0x30, 0x39, 0x3a, 0x20];
const [brace, bracket, braceEnd, bracketEnd] = [0x7b, 0x5b, 0x7d, 0x5d];

/**
 * The message with its values replaced; the same buffer when none was. Keys are left alone.
 * @param bytes what `JSON.parse` takes
 */
export function rewriteJson(bytes: Buffer, replacer: LeafReplacer): Buffer {
  const parts: (Buffer | string)[] = [];
  const end = bytes.length;
  /** The names around what is gone through. */
  const around: string[] = [];
  let key = "";
  let kept = 0;
  let at = 0;
  while (at < end) {
    const byte = bytes[at]!;
    let after: number;
    let replaced: Replacement | undefined;
    if (byte === quote) {
      const closing = skipString(bytes, at + 1, end);
      if (closing === invalid) return bytes;
      after = closing + 1;
      const text = JSON.parse(bytes.toString("utf8", at, after)) as string;
      if (isKey(bytes, after)) key = text;
      else replaced = replacer.text(text, key);
    } else if (byte === minus || (byte >= zero && byte <= nine)) {
      after = skipNumber(bytes, at, end);
      if (after === invalid) return bytes;
      replaced = replacer.number(bytes.toString("latin1", at, after), key);
    } else {
      if (byte === brace || byte === bracket) around.push(key);
      else if (byte === braceEnd || byte === bracketEnd) key = around.pop() ?? "";
      at++;
      continue;
    }
    if (replaced !== undefined) {
      parts.push(bytes.subarray(kept, at), jsonOf(replaced));
      kept = after;
    }
    at = after;
  }
  if (parts.length === 0) return bytes;
  parts.push(bytes.subarray(kept));
  return Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part) : part)));
}

function jsonOf(replaced: Replacement): string {
  return typeof replaced === "object" ? replaced.raw : JSON.stringify(replaced);
}

function isKey(bytes: Buffer, from: number): boolean {
  let at = from;
  while (at < bytes.length && bytes[at]! <= space) at++;
  return bytes[at] === colon;
}
