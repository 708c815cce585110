/** Owns the renderings of two runs side by side, one line a kind. */
import { safeLine } from "../base/safe-text.js";
import type { Comparison } from "../metrics/compare.js";
import { differenceInWords, figureCells, verdictInWords } from "./comparison-words.js";
import type { Ink } from "./ink.js";
import { jsonLine } from "./json.js";
import { markdownTable, markdownText } from "./markdown-text.js";
import { plainTable } from "./table.js";

const head = ["", "base", "new", "change", ""];

function textComparison(comparison: Comparison, ink: Ink): string {
  const { chalk } = ink;
  const { base, now, warnings, differences, figures, gates, verdict } = comparison;
  const rows = figures.map((figure) => {
    const [name = "", before = "", after = "", change = "", relative = ""] = figureCells(figure);
    const colour = figure.isWorse ? chalk.yellow : chalk.green;
    return [name, before, after, change && colour(change), relative && colour(relative)];
  });
  const colour = { ok: chalk.green, regressed: chalk.red, "no-evidence": chalk.yellow }[verdict];
  const blocks = [
    [
      safeLine(`base  ${base.id}  ${base.startedAt}`),
      safeLine(`new   ${now.id}  ${now.startedAt}`),
    ],
    [
      ...warnings.map((warning) => `${chalk.yellow("warning:")} ${safeLine(warning, 500)}`),
      ...differences.map((difference) => chalk.dim(`  ${differenceInWords(difference)}`)),
    ],
    plainTable(head, rows, ink),
    gates.map((gate) => {
      const [, before, after, change, relative] = figureCells(gate);
      const mark = gate.ok ? chalk.green("✓") : chalk.red("✗");
      const by =
        gate.change === undefined
          ? "not measured in both"
          : [change, relative && `(${relative})`].filter(Boolean).join(" ");
      return `${mark} ${safeLine(gate.gate)}  ${before} → ${after}${by && `, ${by}`}`;
    }),
    [colour(verdictInWords(comparison))],
  ];
  return `\n${blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.map((line) => `  ${line}`.trimEnd()).join("\n"))
    .join("\n\n")}\n\n`;
}

function markdownComparison(comparison: Comparison): string {
  const { base, now, warnings, differences, figures, gates } = comparison;
  const align = ["left", "right", "right", "right", "right"] as const;
  const cells = (line: readonly string[]): string[] => line.map((cell) => markdownText(cell));
  const gateRows = gates.map((gate) => {
    const [, ...values] = figureCells(gate);
    return [gate.ok ? "✅" : "❌", ...cells([gate.gate, ...values])];
  });
  const blocks = [
    [`## wsctl: ${markdownText(verdictInWords(comparison))}`],
    [
      `base ${markdownText(`${base.id}, ${base.startedAt}`)};`,
      `new ${markdownText(`${now.id}, ${now.startedAt}`)}`,
    ],
    [
      ...warnings.map((warning) => `- ⚠️ ${markdownText(warning, 500)}`),
      ...differences.map((difference) => `- ${markdownText(differenceInWords(difference))}`),
    ],
    gates.length === 0
      ? []
      : markdownTable(["", "gate", "base", "new", "change", ""], gateRows, ["left", ...align]),
    markdownTable(
      head,
      figures.map((figure) => cells(figureCells(figure))),
      align,
    ),
  ];
  return `${blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n")}\n`;
}

function jsonComparison(comparison: Comparison): string {
  return jsonLine(comparison);
}

/** Every rendering by its kind. */
export const comparisonReporters = {
  text: textComparison,
  markdown: markdownComparison,
  json: jsonComparison,
} as const satisfies Readonly<Record<string, (comparison: Comparison, ink: Ink) => string>>;
