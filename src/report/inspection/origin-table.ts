/** Owns the origin matrix as a table that is read at a glance. */
import { safeLine } from "../../base/safe-text.js";
import type { Inspection, OriginMatrix, OriginRow } from "../../findings/inspection.js";
import { type Ink, warn } from "../ink.js";
import type { Section } from "../section.js";
import { clipped, columns } from "./columns.js";

/** Where there is room for everything. */
const wide = 90;

const words: Readonly<Record<OriginRow["answer"], string>> = {
  accepted: "let in",
  "late-reject": "let in, then closed",
  rejected: "refused",
  "no answer": "no answer",
};

/** How a row is marked: what it means for the server, not what was answered. */
function markOf({ verdict }: OriginRow): string {
  if (verdict === "fail") return "✘";
  if (verdict === "warn") return "▲";
  if (verdict === "pass") return "✔";
  return verdict === "info" ? "·" : "?";
}

/** An Origin as it was sent. */
function originText({ origin }: OriginRow): string {
  if (origin === undefined) return "(none)";
  return origin === "" ? "(empty)" : safeLine(origin, 200);
}

/** Every row, the one without credentials last. */
export function rowsOf({ rows, control }: OriginMatrix): readonly OriginRow[] {
  return control ? [...rows, control] : rows;
}

/** A row as cells: what is tried, the Origin, what came of it. */
export function cellsOf(row: OriginRow): string[] {
  return [
    markOf(row),
    safeLine(row.name, 60),
    originText(row),
    words[row.answer],
    // The status says it all.
    safeLine(row.said, 60).replace(/^(\d{3})\b[^,]*$/, "$1"),
  ];
}

/** The rows that get in and should not. */
function bypasses({ rows }: OriginMatrix): OriginRow[] {
  return rows.filter(({ verdict }) => verdict === "fail");
}

/** The section. */
export function originSection({ origins }: Inspection, { chalk, width }: Ink): Section {
  if (!origins) return { title: "origins", lines: [] };
  const rows = rowsOf(origins);
  const cells = rows.map((row) => {
    const [mark = "", name = "", ...rest] = cellsOf(row);
    // The Origin itself says more.
    return [mark, clipped(name, width < wide ? 20 : 40), ...rest];
  });
  const paint = (text: string, index: number, column: number): string => {
    const { verdict } = rows[index]!;
    if (verdict === "fail") return column === 4 ? chalk.red(text) : chalk.red.bold(text);
    if (verdict === "warn") return warn({ chalk }, text);
    if (verdict === "pass" && column === 0) return chalk.green(text);
    return column === 2 ? text : chalk.dim(text);
  };
  const wrong = bypasses(origins).map(
    (row) =>
      `${chalk.red.bold("gets in:")} ${originText(row)}  ${chalk.dim(safeLine(row.name, 60))}`,
  );
  return {
    title: "origins",
    lines: [
      `the right one is ${chalk.bold(safeLine(origins.allowed))}`,
      ...columns(cells, width, paint),
      ...wrong,
    ],
  };
}
