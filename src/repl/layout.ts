/** Owns how the line being typed is laid out in rows of the terminal, and where the cursor stands. */
import { safeText } from "../base/safe-text.js";
import { charWidth } from "./char-width.js";

/** The line being typed. */
export interface TypedLine {
  readonly text: string;
  /** In UTF-16 units. */
  readonly cursor: number;
}

/** Rows without the prompt before the first. */
export interface Layout {
  readonly rows: readonly string[];
  /** Of the cursor, from 0. */
  readonly row: number;
  /** Of the cursor, from 0, the prompt included. */
  readonly column: number;
}

/** So much around the cursor is laid out: a paste may be larger than any screen. */
const widest = 3000;

const tab = "  ";

/** Stands before each line but the first. */
const continued = "┊ ";

/**
 * Breaks the text where a row is full, so that the terminal never has to.
 * @param indent columns of the prompt
 * @param mostRows 3 or more; only those around the cursor are given when there are more
 */
export function layOut(
  { text, cursor }: TypedLine,
  indent: number,
  columns: number,
  mostRows: number,
): Layout {
  const from = Math.max(0, cursor - widest);
  const shown = text.slice(from, cursor + widest);
  const rows: string[] = [];
  let current = from > 0 ? "…" : "";
  let width = indent + current.length;
  let place = { row: 0, column: width };
  let at = from;
  const next = (start: string) => {
    rows.push(current);
    current = start;
    width = start.length;
  };
  for (const char of shown) {
    if (at === cursor) place = { row: rows.length, column: width };
    at += char.length;
    if (char === "\n") {
      next(continued);
      continue;
    }
    const visible = char === "\t" ? tab : safeText(char);
    let wide = 0;
    for (const each of visible) wide += charWidth(each);
    if (width + wide > columns) {
      next("");
      if (at - char.length === cursor) place = { row: rows.length, column: 0 };
    }
    current += visible;
    width += wide;
  }
  if (at === cursor) {
    // A full row has no place behind it.
    if (width >= columns) next("");
    place = { row: rows.length, column: width };
  }
  rows.push(at < text.length ? `${current}…` : current);
  if (rows.length <= mostRows) return { rows, ...place };
  const first = Math.min(Math.max(0, place.row - mostRows + 2), rows.length - mostRows);
  const kept = rows.slice(first, first + mostRows);
  // The prompt stands before the first row given, and leaves no room for one from the middle.
  if (first > 0) kept[0] = "⋯";
  return { rows: kept, row: place.row - first, column: place.column };
}
