/** Owns the lines of a response head as they were on the wire: their ends, folds and blanks. */
import { isCredential, type SecretHeaders } from "../credentials.js";
import { shownText, shownValue } from "../repro.js";
import { mark } from "../secret-mark.js";

/** One line. */
export interface RawLine {
  /** Without its end; one character is one byte (latin1). */
  readonly text: string;
  /** What it ended with. */
  readonly end: "crlf" | "lf";
}

/** A head of a thousand fields has no more than that. */
const mostLines = 2000;

/** The lines up to the empty one, which is left out. */
export function rawLines(bytes: Buffer): RawLine[] {
  const lines: RawLine[] = [];
  for (let at = 0; at < bytes.length && lines.length < mostLines;) {
    const feed = bytes.indexOf(0x0a, at);
    const stop = feed < 0 ? bytes.length : feed;
    const isCrlf = stop > at && bytes[stop - 1] === 0x0d;
    const text = bytes.toString("latin1", at, isCrlf ? stop - 1 : stop);
    at = stop + 1;
    if (text === "") break;
    lines.push({ text, end: isCrlf ? "crlf" : "lf" });
  }
  return lines;
}

/** Whether the end of the head is a bare LF. */
export function endsBare(bytes: Buffer): boolean {
  return bytes.length >= 2 && bytes.at(-1) === 0x0a && bytes.at(-2) !== 0x0d;
}

/** Whether the line goes on with the one before it (RFC 9112 §5.2). */
export function isFold({ text }: RawLine): boolean {
  return text.startsWith(" ") || text.startsWith("\t");
}

/** A line with its blanks as they were. */
function shownLine(name: string, text: string, secretHeaders?: SecretHeaders): string {
  const [, before = "", value = "", after = ""] =
    /^([ \t]*)(.*?)([ \t]*)$/s.exec(text.slice(name.length + 1)) ?? [];
  return `${name}:${before}${value === "" ? "" : shownValue(name.trim(), value, secretHeaders)}${after}`;
}

/** The lines as they may be shown: what goes by a secret's name has no value, nor have its folds. */
export function shownLines(lines: readonly RawLine[], secretHeaders?: SecretHeaders): string[] {
  let isSecret = false;
  return lines.map((line, index) => {
    const colon = line.text.indexOf(":");
    const note = line.end === "lf" ? "  (ends in a bare LF)" : "";
    if (index === 0) return line.text + note;
    if (isFold(line)) return (isSecret ? ` ${mark}` : shownText(line.text)) + note;
    const name = line.text.slice(0, Math.max(0, colon));
    isSecret =
      isCredential([name.trim(), ""], secretHeaders) || /^sec-websocket-protocol\s*$/i.test(name);
    return (colon < 0 ? shownText(line.text) : shownLine(name, line.text, secretHeaders)) + note;
  });
}
