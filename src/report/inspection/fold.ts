/** Owns long lines of a head, folded under themselves so that nothing of them is lost to the margin. */
import { formatCount } from "../../base/quantity.js";

/** How to fold. */
interface Fold {
  /** Columns of a line. */
  readonly width: number;
  /** Columns by which all lines but the first are set in. */
  readonly hang: number;
  /** Lines that are shown; what is left is said in one more. */
  readonly most: number;
}

/** Where a line may end: behind a space, or behind what lists are written with. */
const breaks = /[\s;,&]/;

/** How many characters of the text go into a line of that width. */
function fitting(text: string, width: number): number {
  if (text.length <= width) return text.length;
  // A word is broken where to keep it whole would leave more than half of the line empty.
  for (let end = width; end > width / 2; end--) if (breaks.test(text[end - 1]!)) return end;
  return /[\ud800-\udbff]/.test(text[width - 1]!) && width > 1 ? width - 1 : width;
}

/** Bytes that a text stands for which was made harmless: what was spelled out was one. */
function bytesOf(text: string): number {
  return text.replace(/\\u[0-9a-f]{4}/g, "?").length;
}

/** The text in lines, none of which is longer than the page; how much of it is left out is said. */
export function folded(text: string, { width, hang, most }: Fold): string[] {
  const lines: string[] = [];
  let rest = text;
  while (rest !== "" && lines.length < most) {
    const indent = lines.length === 0 ? 0 : hang;
    const end = fitting(rest, Math.max(8, width - indent));
    lines.push(" ".repeat(indent) + rest.slice(0, end).trimEnd());
    rest = rest.slice(end).trimStart();
  }
  if (rest === "") return lines.length === 0 ? [""] : lines;
  // An ellipsis says that it had been cut before.
  const least = rest.endsWith("…") ? "at least " : "";
  return [...lines, `${" ".repeat(hang)}… ${least}${formatCount(bytesOf(rest))} more bytes`];
}
