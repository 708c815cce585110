/** Owns breaking a line that is too long for the page: what follows hangs under its text. */
import { stripVTControlCharacters } from "node:util";
import wrapAnsi from "wrap-ansi";

/**
 * What a line begins with before its text: space, a mark, and what stands before two spaces or more, as
 * `INVALID  ` does.
 */
const before = /^ *(?:[✓✗✔✘·!→-] )?(?:\S(?:\S| (?! ))* {2,})?/;

/** How much of the page what stands before a text may take; else there is no room under the text. */
const mostBefore = 1 / 2;

/** A line as as many as it takes, each of `width` columns at most. It may have colours. */
export function wrapped(line: string, width: number): string[] {
  const plain = stripVTControlCharacters(line);
  if (plain.length <= width) return wrapAnsi(line, width, { trim: false }).split("\n");
  const hang = hangOf(plain, width);
  const at = indexOf(line, hang);
  const indent = " ".repeat(hang);
  const rest = wrapAnsi(line.slice(at), width - hang, { trim: false }).split("\n");
  return rest.map((text, index) =>
    index === 0 ? line.slice(0, at) + text : indent + unindent(text),
  );
}

function hangOf(plain: string, width: number): number {
  const hang = before.exec(plain)?.[0].length ?? 0;
  if (hang <= width * mostBefore) return hang;
  const indent = /^ */.exec(plain)![0].length;
  return indent <= width * mostBefore ? indent : 0;
}

/** Where in a line with colours the visible character of that number stands. */
function indexOf(line: string, visible: number): number {
  // oxlint-disable-next-line no-control-regex -- ESC is how chalk begins a colour
  const colour = /\u001b\[[\d;]*m/y;
  let at = 0;
  for (let seen = 0; seen < visible && at < line.length;) {
    colour.lastIndex = at;
    const found = colour.exec(line);
    if (found) at += found[0].length;
    else {
      at++;
      seen++;
    }
  }
  return at;
}

/** A line that goes on has kept the space it was broken at, perhaps behind a colour. */
function unindent(line: string): string {
  // oxlint-disable-next-line no-control-regex -- ESC is how chalk begins a colour
  return line.replace(/^((?:\u001b\[\d+m)*) /, "$1");
}
