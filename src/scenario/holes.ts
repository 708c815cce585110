/**
 * Owns finding the holes of a template one by one, whatever is wrong with any of them, so that each
 * can be looked at alone; and finding one of them again in a file.
 */

/** A hole, from its opening braces on. */
interface SourceHole {
  /** With its braces; without the closing ones where these are missing. */
  readonly text: string;
  /** How many pairs of opening braces stand before it, those behind a backslash included. */
  readonly number: number;
}

const opening = "{{";

/** A text in quotes, where one may begin within a hole. */
const quoted = /(?<=[\s({,])(?:"[^"\\]*(?:\\[^][^"\\]*)*"|'[^'\\]*(?:\\[^][^'\\]*)*')/y;

/** The holes of a template, in order. */
export function* holesIn(source: string): Generator<SourceHole> {
  let number = 0;
  let at = 0;
  for (;;) {
    const open = source.indexOf(opening, at);
    if (open < 0) return;
    const isEscaped = open > at && source[open - 1] === "\\";
    const end = isEscaped ? open + opening.length : endOf(source, open);
    if (!isEscaped) yield { text: source.slice(open, end), number };
    number += countIn(source, open, end);
    at = end;
  }
}

/** Where the hole that opens there ends: behind its closing braces, or where another one opens. */
function endOf(source: string, open: number): number {
  let at = open + opening.length;
  while (at < source.length) {
    if (source.startsWith("}}", at)) return at + 2;
    if (source.startsWith(opening, at)) return at;
    quoted.lastIndex = at;
    const text = quoted.exec(source);
    at += text ? text[0].length : 1;
  }
  return source.length;
}

function countIn(source: string, from: number, to: number): number {
  let count = 0;
  for (let at = source.indexOf(opening, from); at >= 0 && at < to; count++) {
    at = source.indexOf(opening, at + opening.length);
  }
  return count;
}

/** The index of the braces of that number in a text; undefined when there are not so many. */
export function bracesAt(text: string, number: number): number | undefined {
  let at = text.indexOf(opening);
  for (let left = number; left > 0 && at >= 0; left--) {
    at = text.indexOf(opening, at + opening.length);
  }
  return at < 0 ? undefined : at;
}
