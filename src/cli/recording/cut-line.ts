/** Owns cutting a coloured line to the columns of a terminal. */
import { charWidth } from "../../repl/char-width.js";

/** A colour, or its end, as chalk writes them. */
// oxlint-disable-next-line no-control-regex -- that is what they begin with
const colour = /\u001b\[[\d;]*m/g;

/** The line as far as there are columns for it; an ellipsis says that it was cut. Colours end as they would. */
export function cutLine(line: string, columns: number): string {
  // Each character takes two columns at most.
  if (line.length * 2 <= columns) return line;
  let kept = "";
  let end = "";
  let width = 0;
  let at = 0;
  const take = (text: string): void => {
    for (const char of text) {
      const wide = charWidth(char);
      width += wide;
      // The last column is for the ellipsis, unless nothing follows.
      if (width <= columns - 1) kept += char;
      else end += char;
    }
  };
  let colours = "";
  for (const { 0: code, index } of line.matchAll(colour)) {
    take(line.slice(at, index));
    at = index + code.length;
    if (end === "") kept += code;
    else colours += code;
  }
  take(line.slice(at));
  if (width <= columns) return line;
  return `${kept}…${colours}`;
}
