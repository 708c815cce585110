/**
 * Owns the course of a run as a table that spreadsheets and data frames read: RFC 4180, one row a
 * second (and one where a stage or the warm-up ends within a second), and always the same columns, one for each
 * figure of each metric. It holds numbers and moments only, so that no cell can be a formula.
 */
import { catalogue, metricOf, parseSeriesKey, type Metric } from "../metrics/catalogue.js";
import type { Interval } from "../metrics/interval.js";
import type { RunResult } from "../metrics/run-result.js";
import { rowStarts } from "./row-times.js";

/** One column. */
interface Column {
  readonly name: string;
  readonly value: (interval: Interval, sums: ReadonlyMap<string, number>) => number | undefined;
}

const briefs = ["count", "p50", "p99", "max"] as const;

const columnsOf: Readonly<Record<Metric["kind"], (name: string) => Column[]>> = {
  counter: (name) => [{ name, value: (_, sums) => sums.get(name) ?? 0 }],
  gauge: (name) => [{ name, value: ({ gauges }) => gauges[name] }],
  rate: (name) =>
    (["pass", "fail"] as const).map((result) => ({
      name: `${name}_${result}`,
      value: (_, sums) => sums.get(`${name} ${result}`) ?? 0,
    })),
  trend: (name) =>
    briefs.map((figure) => ({
      name: `${name}_${figure}`,
      value: ({ trends }) => trends[name]?.[figure],
    })),
};

const columns: readonly Column[] = Object.entries<Metric>(catalogue).flatMap(([name, { kind }]) =>
  columnsOf[kind](name),
);

/** The table: when each row began, how long it is, its figures. Lines end with CR LF. */
export function csvReport(result: RunResult): string {
  const { series, run } = result;
  const began = Date.parse(run.startedAt);
  const starts = rowStarts(result);
  const rows = series.map((interval, index) => {
    const at = new Date(began + starts[index]!);
    const sums = sumsOf(interval);
    const when = Number.isNaN(at.getTime()) ? "" : at.toISOString();
    const figures = columns.map(({ value }) => numberText(value(interval, sums)));
    return [when, numberText(interval.span / 1000)].concat(figures);
  });
  const head = ["time", "seconds", ...columns.map(({ name }) => name)];
  return [head, ...rows].map((cells) => `${cells.join(",")}\r\n`).join("");
}

/** Counters by metric, all tags together; a rate's by what came of it. */
function sumsOf({ counters }: Interval): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const [key, count] of Object.entries(counters)) {
    const { name, tags } = parseSeriesKey(key);
    const column = metricOf(name)?.kind === "rate" ? `${name} ${tags["result"]}` : name;
    sums.set(column, (sums.get(column) ?? 0) + count);
  }
  return sums;
}

/** Without an exponent where that is possible, and empty where there is no value. */
function numberText(value: number | undefined): string {
  if (value === undefined || !Number.isFinite(value)) return "";
  return String(Math.round(value * 1e6) / 1e6);
}
