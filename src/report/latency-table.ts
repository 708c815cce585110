/** Owns the table of trends: one row a metric, one column a figure. */
import Table from "cli-table3";
import { formatDuration } from "../base/quantity.js";
import type { TrendSummary } from "../metrics/trend.js";
import type { Ink } from "./ink.js";

/** A row: what it is called, and its figures. */
export interface TrendRow {
  readonly name: string;
  readonly trend: TrendSummary;
}

const everyColumn = ["min", "p50", "p90", "p95", "p99", "p999", "max"] as const;
/** Without what is missed least. */
const fewerColumns = ["p50", "p90", "p99", "p999", "max"] as const;
const wide = 80;

/** The rows as lines; right-aligned figures, no borders. */
export function latencyTable(rows: readonly TrendRow[], { chalk, width }: Ink): string[] {
  const columns = width >= wide ? everyColumn : fewerColumns;
  const table = new Table({
    head: ["", ...columns.map((name) => (name === "p999" ? "p99.9" : name))].map((name) =>
      chalk.dim(name),
    ),
    colAligns: ["left", ...columns.map(() => "right" as const)],
    style: { head: [], border: [], "padding-left": 0, "padding-right": 2 },
    chars: Object.fromEntries(
      ["top", "top-mid", "top-left", "top-right", "bottom", "bottom-mid", "bottom-left"]
        .concat(["bottom-right", "left", "left-mid", "mid", "mid-mid", "right", "right-mid"])
        .concat(["middle"])
        .map((name) => [name, ""]),
    ),
  });
  for (const { name, trend } of rows) {
    const figures = columns.map((column) => {
      const text = formatDuration(trend[column]);
      return column === "p99" ? chalk.bold(text) : text;
    });
    table.push([name, ...figures]);
  }
  return table
    .toString()
    .split("\n")
    .map((line) => line.trimEnd());
}
