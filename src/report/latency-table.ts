/** Owns the table of trends: one row a metric, one column a figure. */
import { formatDuration } from "../base/quantity.js";
import type { TrendSummary } from "../metrics/trend.js";
import type { Ink } from "./ink.js";
import { plainTable } from "./table.js";

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
export function latencyTable(rows: readonly TrendRow[], ink: Ink): string[] {
  const columns = ink.width >= wide ? everyColumn : fewerColumns;
  const head = ["", ...columns.map((name) => (name === "p999" ? "p99.9" : name))];
  const lines = rows.map(({ name, trend }) => [
    name,
    ...columns.map((column) => {
      const text = formatDuration(trend[column]);
      return column === "p99" ? ink.chalk.bold(text) : text;
    }),
  ]);
  return plainTable(head, lines, ink);
}
