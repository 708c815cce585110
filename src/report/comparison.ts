/** Owns the renderings of two runs side by side, one line a kind. */
import { safeLine } from "../base/safe-text.js";
import type { Comparison } from "../metrics/compare.js";
import { chosen } from "./comparison-choice.js";
import {
  changeInWords,
  differenceInWords,
  figureCells,
  runInWords,
  verdictInWords,
} from "./comparison-words.js";
import { warn, type Ink } from "./ink.js";
import { jsonLine } from "./json.js";
import { cellCode, markdownCode, markdownTable, markdownText } from "./markdown-text.js";
import { recoveryBlocks, recoveryMarkdown } from "./reconnect-comparison.js";
import { plainTable } from "./table.js";

/** What is to be rendered. */
export interface ComparisonPage {
  readonly comparison: Comparison;
  /** Whether every figure is shown, also those that changed by nothing worth noticing. */
  readonly isAll: boolean;
}

const head = ["", "base", "new", "change", ""];

function textComparison({ comparison, isAll }: ComparisonPage, ink: Ink): string {
  const { chalk } = ink;
  const { shown, hidden } = chosen(comparison, isAll);
  const rows = shown.map((figure) => {
    const [name = "", before = "", after = "", change = "", relative = ""] = figureCells(figure);
    if (!figure.isNoticeable) return [name, before, after, chalk.dim(change), chalk.dim(relative)];
    const tint = figure.isWorse ? chalk.red : chalk.green;
    return [chalk.bold(name), before, chalk.bold(after), tint(change), tint(relative)];
  });
  const blocks = [
    [verdictLine(comparison, ink), ...gateLines(comparison, ink)],
    runLines(comparison),
    [
      ...comparison.warnings.map((warning) => `${warn(ink, "warning:")} ${safeLine(warning, 500)}`),
      ...comparison.differences.map((one) => chalk.dim(cut(`  ${differenceInWords(one)}`, ink))),
    ],
    rows.length === 0 ? [] : plainTable(head, rows, ink),
    hidden === 0 ? [] : [chalk.dim(hiddenInWords(hidden, "--all"))],
    ...recoveryBlocks(comparison, isAll, ink),
  ];
  return `\n${blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.map((line) => `  ${line}`.trimEnd()).join("\n"))
    .join("\n\n")}\n\n`;
}

function verdictLine(comparison: Comparison, ink: Ink): string {
  const words = verdictInWords(comparison);
  if (comparison.gates.length === 0) return ink.chalk.dim(words);
  if (comparison.verdict === "no-evidence") return warn(ink, words);
  return comparison.verdict === "ok" ? ink.chalk.green(words) : ink.chalk.red(words);
}

/** Every gate as it was written, one below the other. */
function gateLines({ gates }: Comparison, { chalk, width }: Ink): string[] {
  const names = gates.map(({ gate }) => safeLine(gate, 700));
  const column = Math.min(Math.floor(width / 2), Math.max(0, ...names.map(({ length }) => length)));
  return gates.map((gate, index) => {
    const mark = gate.ok ? chalk.green("✓") : chalk.red("✗");
    const change = changeInWords(gate);
    return `${mark} ${names[index]!.padEnd(column)}  ${gate.ok ? change : chalk.red(change)}`;
  });
}

/** Both runs, their names and dates one below the other. */
function runLines({ base, now }: Comparison): string[] {
  const [first, second] = [runInWords(base), runInWords(now)];
  const widths = first.map((text, index) => Math.max(text.length, second[index]!.length));
  return (
    [
      ["base", first],
      ["new", second],
    ] as const
  ).map(([name, words]) =>
    [name.padEnd(4), ...words.map((text, index) => text.padEnd(widths[index]!))].join("  "),
  );
}

function hiddenInWords(hidden: number, flag: string): string {
  return `${hidden} more figure${hidden === 1 ? "" : "s"} with ${flag}`;
}

function cut(text: string, { width }: Ink): string {
  return safeLine(text, Math.max(20, width - 2));
}

function markdownComparison({ comparison, isAll }: ComparisonPage): string {
  const { base, now, warnings, differences, gates, verdict } = comparison;
  const { shown, hidden } = chosen(comparison, isAll);
  const mark = { ok: "✅", regressed: "❌", "no-evidence": "⚠️" }[verdict];
  const gateRows = gates.map((gate) => {
    return [gate.ok ? "✅" : "❌", cellCode(gate.gate, 700), changeInWords(gate)];
  });
  const figureRows = shown.map((figure) => {
    const [name = "", ...cells] = figureCells(figure);
    return [cellCode(name), ...cells].map((cell) =>
      figure.isNoticeable && cell !== "" ? `**${cell}**` : cell,
    );
  });
  const about = (name: string, run: Comparison["base"]): string => {
    const [file = "", ...facts] = runInWords(run);
    return `- ${name}: ${markdownCode(file)}, ${facts.map((fact) => markdownText(fact)).join(", ")}`;
  };
  const align = ["left", "right", "right", "right", "right"] as const;
  const blocks = [
    [`## ${gates.length === 0 ? "" : `${mark} `}wsctl: ${verdictInWords(comparison)}`],
    gates.length === 0 ? [] : markdownTable(["", "gate", "change"], gateRows, []),
    [about("base", base), about("new", now)],
    [
      ...warnings.map((warning) => `- ⚠️ ${markdownText(warning, 500)}`),
      ...differences.map((one) => `- ${markdownCode(differenceInWords(one))}`),
    ],
    figureRows.length === 0 ? [] : markdownTable(head, figureRows, align),
    hidden === 0 ? [] : [hiddenInWords(hidden, "`--all`")],
    ...recoveryMarkdown(comparison, isAll),
  ];
  return `${blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n")}\n`;
}

/** All of it, whatever else is shown: what reads JSON chooses for itself. */
function jsonComparison({ comparison }: ComparisonPage): string {
  return jsonLine(comparison);
}

/** Every rendering by its kind. */
export const comparisonReporters = {
  text: textComparison,
  markdown: markdownComparison,
  json: jsonComparison,
} as const satisfies Readonly<Record<string, (page: ComparisonPage, ink: Ink) => string>>;
