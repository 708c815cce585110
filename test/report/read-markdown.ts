/** Owns reading Markdown again, for the tests of what is written in it. */
import { expect } from "vitest";

/** That nothing is obeyed: what is left beside code spans is text. */
export function expectHarmless(markdown: string): void {
  // A span ends at the next run of as many backticks.
  const bare = markdown.replace(/(?<![\\`])(`+)(?!`)[^\n]*?(?<!`)\1(?!`)/g, "CODE");
  expect(bare).not.toMatch(/<|:\/\/|www\.|(?<!\\)[[\]`]|@(?!\u200b)/);
}

/** Every table: its rows as cells, with bars that are escaped taken for text. */
export function tablesOf(markdown: string): string[][][] {
  const cells = (line: string): string[] =>
    line
      .replace(/\\\|/g, "¦")
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim());
  return markdown
    .split(/\n(?!\|)/)
    .map((block) => block.split("\n").filter((line) => line.startsWith("|")))
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.map(cells));
}
