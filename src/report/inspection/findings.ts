/** Owns the findings as a person reads them: the worst first, each with what shows it and what to do. */
import wrapAnsi from "wrap-ansi";
import { safeLine } from "../../base/safe-text.js";
import type { Finding } from "../../findings/finding.js";
import type { Severity } from "../../findings/severity.js";
import { type Ink, warn } from "../ink.js";
import { clipped } from "./columns.js";
import { commandLines } from "./command-lines.js";
import { isAgainst, type Judged } from "./judgement.js";

const indent = "        ";
const mostCases = 12;
const mostEvidence = 12;
const longest = 1000;
const longestCommand = 8000;

/** Findings of one rule that came to the same. */
interface Group {
  readonly first: Finding;
  readonly all: readonly Finding[];
}

/** Those of one rule together, where the first of them stood: the gravest. */
function grouped(findings: readonly Finding[]): Group[] {
  const groups = new Map<string, Finding[]>();
  for (const finding of findings) {
    const key = `${finding.rule} ${finding.verdict}`;
    const group = groups.get(key);
    if (group) group.push(finding);
    else groups.set(key, [finding]);
  }
  return [...groups.values()].map((all) => ({ first: all[0]!, all }));
}

/** Lines that are broken to fit, the first behind `label`, the others under it. */
function hung(label: string, text: string, { width }: Ink): string[] {
  const room = Math.max(20, width - indent.length - label.length);
  const lines = wrapAnsi(safeLine(text, longest), room, { trim: true, hard: true }).split("\n");
  return lines.map((line, index) =>
    `${indent}${index === 0 ? label : " ".repeat(label.length)}${line}`.trimEnd(),
  );
}

function dimmed(lines: readonly string[], { chalk }: Ink): string[] {
  return lines.map((line) => chalk.dim(line));
}

/** Values that are told once, in the order in which they came. */
function distinct(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}

function severityPaint({ chalk }: Ink, severity: Severity): (text: string) => string {
  if (severity === "critical") return (text) => chalk.red.bold(text);
  return severity === "high" ? (text) => chalk.red(text) : (text) => text;
}

function headOf({ first }: Group, title: string, ink: Ink): string {
  const { chalk, width } = ink;
  const isFailed = first.verdict === "fail";
  const verdict = isFailed ? chalk.red.bold("FAIL") : warn(ink, chalk.bold("WARN"));
  const severity = severityPaint(ink, first.severity)(first.severity.padEnd(8));
  const sure = first.confidence === "certain" ? "" : ` (${first.confidence})`;
  const left = `${first.rule.padEnd(6)} `;
  const room = Math.max(10, width - 2 - 6 - 10 - left.length - sure.length);
  const name = clipped(safeLine(title, 200), room);
  return `  ${verdict}  ${severity}  ${chalk.bold(left + name)}${chalk.dim(sure)}`;
}

function evidenceOf({ all }: Group, limit: number, ink: Ink): string[] {
  const lines = distinct(all.flatMap(({ evidence }) => evidence));
  const shown = lines
    .slice(0, limit)
    .map((line) => `${indent}│ ${clipped(safeLine(line, longest), ink.width - indent.length - 2)}`);
  if (lines.length > limit) shown.push(`${indent}│ … ${lines.length - limit} more in --json`);
  return dimmed(shown, ink);
}

function reproOf({ all }: Group, isBrief: boolean, { chalk, width }: Ink): string[] {
  const repro = all.find((finding) => finding.repro !== undefined)?.repro;
  if (repro === undefined) return [];
  const [first = "", ...rest] = commandLines(
    safeLine(repro, longestCommand),
    width - indent.length - 2,
  );
  if (isBrief && (rest.length > 0 || first.length > width)) return [];
  // A command that cannot be broken is longer than the page, and left to the terminal.
  return [`${indent}${chalk.dim("$")} ${first}`, ...rest.map((line) => `${indent}  ${line}`)];
}

function block(group: Group, title: string, ink: Ink, verbose: boolean): string[] {
  const { chalk } = ink;
  const { first, all } = group;
  const isFailed = first.verdict === "fail";
  const messages = distinct(all.map(({ message }) => message));
  const bullet = messages.length > 1 ? "• " : "";
  const limit = verbose ? messages.length : mostCases;
  const left = messages.length - limit;
  const evidence = verbose ? Infinity : isFailed ? mostEvidence : Math.floor(mostEvidence / 3);
  const said = (label: string, texts: readonly string[]): string[] =>
    distinct(texts)
      .slice(0, 3)
      .flatMap((text) => hung(`${label}  `, text, ink));
  const labelled = (lines: readonly string[]): string[] =>
    lines.map((line) =>
      line.replace(
        /^( +)(why|fix)(?= {2})/,
        (_, pad: string, label: string) => pad + chalk.cyan(label),
      ),
    );
  return [
    headOf(group, title, ink),
    ...messages.slice(0, limit).flatMap((message) => hung(bullet, message, ink)),
    ...(left > 0 ? [`${indent}… and ${left} more`] : []),
    ...evidenceOf(group, evidence, ink),
    ...(isFailed || verbose
      ? labelled(
          said(
            "why",
            all.map(({ why }) => why),
          ),
        )
      : []),
    ...labelled(
      said(
        "fix",
        all.map(({ fix }) => fix),
      ),
    ),
    ...reproOf(group, !isFailed && !verbose, ink),
  ];
}

/** What stands against the server, a block each, an empty line between two. */
export function findingBlocks({ inspection, verbose = false }: Judged, ink: Ink): string[] {
  const titles = new Map(inspection.checks.map(({ rule }) => [rule.id, rule.title]));
  const against = inspection.findings.filter((one) => isAgainst(one) && !one.accepted);
  return grouped(against).map((group) =>
    block(group, titles.get(group.first.rule) ?? "", ink, verbose).join("\n"),
  );
}
