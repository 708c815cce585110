/** Owns tables of a text report: figures under their names, no borders. */
import Table from "cli-table3";
import type { Ink } from "./ink.js";

/** The rows as lines: the first column to the left, figures to the right. */
export function plainTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  { chalk }: Ink,
): string[] {
  const table = new Table({
    head: head.map((name) => chalk.dim(name)),
    colAligns: head.map((_, column) => (column === 0 ? "left" : "right")),
    style: { head: [], border: [], "padding-left": 0, "padding-right": 2 },
    chars: Object.fromEntries(
      ["top", "top-mid", "top-left", "top-right", "bottom", "bottom-mid", "bottom-left"]
        .concat(["bottom-right", "left", "left-mid", "mid", "mid-mid", "right", "right-mid"])
        .concat(["middle"])
        .map((name) => [name, ""]),
    ),
  });
  for (const row of rows) table.push([...row]);
  return table
    .toString()
    .split("\n")
    .map((line) => line.trimEnd());
}
