/** Owns text and tables of Markdown as GitHub renders it, with nothing in them that is obeyed. */
import { safeLine } from "../base/safe-text.js";

const longest = 300;

/**
 * Our own words on one line, which may hold names from elsewhere: what would be markup is escaped,
 * and nothing else.
 */
export function markdownText(text: string, limit = longest): string {
  return (
    safeLine(text, limit)
      .replace(/\\(?=[!-/:-@[-`{-~])|[`*[\]|~$]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, "\\$&")
      // What begins a heading, a list, a quotation or a rule does so on its own only.
      .replace(/^(?=[#>+=-])/, "\u200b")
      .replace(/&(?=#?\w+;)/g, "&#38;")
      .replace(/</g, "&#60;")
      .replace(/:\/\//g, ":\u200b//")
      .replace(/\bwww\./gi, (match) => `${match.slice(0, 3)}\u200b.`)
      .replace(/@/g, "@\u200b")
  );
}

/** Text from elsewhere as it is, in a code span, where nothing is obeyed. Empty if it is. */
export function markdownCode(text: string, limit = longest): string {
  const line = safeLine(text, limit);
  if (line === "") return "";
  const runs = [...line.matchAll(/`+/g)].map(([run]) => run.length);
  const fence = "`".repeat(Math.max(0, ...runs) + 1);
  // One space on both sides is taken away; and a fence ends at the first other character.
  const pad = /^`|`$|^ .* $/.test(line) ? " " : "";
  return `${fence}${pad}${line}${pad}${fence}`;
}

/** The same in a table's cell, which a bar would end even there. */
export function cellCode(text: string, limit = longest): string {
  // A backslash before the bar would be taken to escape the one that escapes the bar.
  return markdownCode(text, limit)
    .replace(/\\(?=\|)/g, "\\\u200b")
    .replace(/\|/g, "\\|");
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
