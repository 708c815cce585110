/** Owns text and tables of Markdown as GitHub renders it, with nothing in them that is obeyed. */
import { safeLine } from "../base/safe-text.js";

/** Text from wherever on one line: neither markup, nor HTML, nor a link. */
export function markdownText(text: string, limit = 300): string {
  return (
    safeLine(text, limit)
      .replace(/[\\`*_{}[\]()#+!|~$^]/g, "\\$&")
      .replace(/[&<>]/g, (char) => `&#${char.charCodeAt(0)};`)
      .replace(/:\/\//g, "&#58;//")
      .replace(/\bwww\./gi, (match) => `${match.slice(0, 3)}&#46;`)
      // GitHub looks for mentions when entities are characters again.
      .replace(/@/g, "@\u200b")
  );
}

/** A table; cells are Markdown already. */
export function markdownTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  align: readonly ("left" | "right")[],
): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [
    line(head),
    line(head.map((_, column) => (align[column] === "right" ? "---:" : "---"))),
    ...rows.map(line),
  ];
}
