/** Owns how many columns of a terminal a character takes, and what of a text fits into some. */
import { stripVTControlCharacters } from "node:util";

/** First and last code points of what is two columns wide in East Asia (UAX #11: W and F). */
const wide: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0x303e],
  [0x3041, 0x4dbf],
  [0x4e00, 0xa4cf],
  [0xa960, 0xa97c],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff01, 0xff60],
  [0xffe0, 0xffe6],
  [0x17000, 0x18cff],
  [0x1b000, 0x1b2ff],
  [0x1f300, 0x1f64f],
  [0x1f680, 0x1f6ff],
  [0x1f900, 0x1faff],
  [0x20000, 0x3fffd],
];

const takesNone = /^[\p{Mn}\p{Me}\p{Cf}]$/u;
const isEmoji = /^\p{Emoji_Presentation}$/u;

/** Columns of one code point; control characters count as none. */
export function charWidth(char: string): 0 | 1 | 2 {
  const code = char.codePointAt(0) ?? 0;
  if (code < 0x20 || (code >= 0x7f && code < 0xa0)) return 0;
  if (code < 0x300) return 1;
  if (takesNone.test(char)) return 0;
  if (code < 0x1100) return 1;
  if (wide.some(([first, last]) => code >= first && code <= last)) return 2;
  return isEmoji.test(char) ? 2 : 1;
}

/** Columns of a text without line breaks; colours take none. */
export function textWidth(text: string): number {
  let width = 0;
  for (const char of stripVTControlCharacters(text)) width += charWidth(char);
  return width;
}

/** What of an uncoloured text fits into that many columns; an ellipsis says when it was cut. */
export function fitted(text: string, columns: number): string {
  if (text.length <= columns && textWidth(text) <= columns) return text;
  let kept = "";
  let width = 0;
  for (const char of text) {
    width += charWidth(char);
    if (width > columns - 1) break;
    kept += char;
  }
  return `${kept}…`;
}

/** The same, cut between words where there is room for some. */
export function fittedWords(text: string, columns: number): string {
  const line = fitted(text, columns);
  if (line === text) return text;
  const kept = line.slice(0, -1);
  const isWhole = /^\s/.test(text.slice(kept.length));
  const end = isWhole ? kept.length : kept.lastIndexOf(" ");
  return end > 0 ? `${kept.slice(0, end).trimEnd()}…` : line;
}
