/** Owns the origin matrix as a table that is read at a glance. */
import { safeLine } from "../../base/safe-text.js";
import type { Inspection, OriginMatrix, OriginRow } from "../../findings/inspection.js";
import { type Ink, warn } from "../ink.js";
import type { Section } from "../section.js";
import { clipped, columns } from "./columns.js";
import { counted } from "./judgement.js";

/** Where there is room for everything. */
const wide = 90;
const narrowName = 16;

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

/** The gravest first; what is as it should be comes last, the right Origin before the others. */
const order: readonly OriginRow["verdict"][] = ["fail", "warn", "inconclusive", "info", "pass"];

/** Every row, what gets in and should not before the rest, the one without credentials last. */
export function rowsOf({ rows, control }: OriginMatrix): readonly OriginRow[] {
  const weight = ({ verdict, answer }: OriginRow): number => {
    const at = order.indexOf(verdict);
    return (at < 0 ? order.length : at) * 2 + (answer === "accepted" ? 0 : 1);
  };
  const sorted = rows.toSorted((a, b) => weight(a) - weight(b));
  return control ? [...sorted, control] : sorted;
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

/** Where in an Origin the difference to the right one begins and ends: what a check overlooked. */
function differenceIn(origin: string, allowed: string): readonly [number, number] {
  const most = Math.min(origin.length, allowed.length);
  let start = 0;
  while (start < most && origin[start] === allowed[start]) start++;
  let end = 0;
  while (end < most - start && origin.at(-1 - end) === allowed.at(-1 - end)) end++;
  // What they only have in common by chance, such as a letter or two, is no beginning.
  const isLike = start + end > "https://".length;
  return isLike ? [start, origin.length - end] : [0, origin.length];
}

/** The Origin, in bold what sets it apart from the right one. */
function highlighted(cell: string, row: OriginRow, allowed: string, { chalk }: Ink): string {
  const text = cell.trimEnd();
  const full = originText(row);
  const [start, end] = differenceIn(full, safeLine(allowed, 200));
  const marked = text.slice(start, end);
  return `${chalk.red(text.slice(0, start))}${marked === "" ? "" : chalk.red.bold.underline(marked)}${chalk.red(text.slice(end))}${cell.slice(text.length)}`;
}

/** How many Origins that are not the right one got in, though they should not. */
function headline({ rows }: OriginMatrix, { chalk }: Ink): string {
  const foreign = rows.filter(({ name }) => name !== "exact");
  const wrong = foreign.filter(({ verdict }) => verdict === "fail").length;
  const doubtful = foreign.filter(({ verdict }) => verdict === "warn").length;
  const unknown = foreign.filter(({ verdict }) => verdict === "inconclusive").length;
  const of = `of ${counted(foreign.length, "other Origin")}`;
  const isIn = ({ answer }: OriginRow): boolean => answer === "accepted";
  const entered = foreign.filter(isIn).length;
  // Where any Origin gets in, nothing is to be learned from the one row that is judged for it.
  if (wrong + doubtful > 0 && foreign.some((row) => row.name === "other site" && isIn(row))) {
    const what = `${entered === foreign.length ? `all ${counted(entered, "other Origin")}` : `${entered} ${of}`} ${entered === 1 ? "gets" : "get"} in`;
    const first = entered > 1 ? "; what must not comes first" : " and must not";
    return wrong > 0 ? chalk.red.bold(what + first) : warn({ chalk }, what);
  }
  if (wrong > 0) {
    const more = doubtful > 0 ? `, ${doubtful} more ${doubtful === 1 ? "is" : "are"} doubtful` : "";
    return `${chalk.red.bold(`${wrong} ${of} ${wrong === 1 ? "gets" : "get"} in and must not`)}${more}`;
  }
  if (doubtful > 0)
    return warn(
      { chalk },
      `${doubtful} ${of} ${doubtful === 1 ? "gets" : "get"} in and better did not`,
    );
  if (unknown > 0 || foreign.length === 0) return "which Origins get in is not clear";
  return chalk.green("no Origin gets in that should not");
}

/** The section. */
export function originSection({ origins }: Inspection, ink: Ink): Section {
  if (!origins) return { title: "origins", lines: [] };
  const { chalk, width } = ink;
  const rows = rowsOf(origins);
  const isWide = width >= wide;
  const cells = rows.map((row) => {
    const [mark = "", name = "", origin = "", answer = "", said = ""] = cellsOf(row);
    // The Origin itself says more than its name, and than the status.
    const more = isWide ? [clipped(name, 40), said] : [clipped(name, narrowName)];
    return [mark, answer, origin, ...more];
  });
  const cut: string[] = [];
  const paint = (text: string, index: number, column: number): string => {
    const row = rows[index]!;
    const { verdict } = row;
    if (column === 2 && text.trimEnd().endsWith("…")) cut.push(originText(row));
    if (verdict === "fail") {
      if (column === 2) return highlighted(text, row, origins.allowed, ink);
      return column < 2 ? chalk.red.bold(text) : chalk.red(text);
    }
    if (verdict === "warn") return warn({ chalk }, text);
    if (verdict === "pass" && column === 0) return chalk.green(text);
    return column === 2 ? text : chalk.dim(text);
  };
  const lines = columns(cells, width, paint);
  const wrong = rows
    .filter((row) => row.verdict === "fail" && cut.includes(originText(row)))
    .map((row) => `${chalk.red.bold("gets in:")} ${originText(row)}`);
  return {
    title: "origins",
    lines: [
      headline(origins, ink),
      chalk.dim(`the right one is ${chalk.bold(safeLine(origins.allowed))}`),
      ...lines,
      ...wrong,
    ],
  };
}
