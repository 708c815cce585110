/** Owns the findings as a person reads them: the worst first, each with what shows it and what to do. */
import wrapAnsi from "wrap-ansi";
import { safeLine } from "../../base/safe-text.js";
import { isAtLeast, type Severity } from "../../findings/severity.js";
import { type Ink, warn } from "../ink.js";
import { commandNotes } from "./command-notes.js";
import { commandLines } from "./command-lines.js";
import { folded } from "./fold.js";
import { toldOnce } from "./told-once.js";
import { evidenceBeside, type Group, groupsAgainst, type Judged } from "./judgement.js";

const indent = "        ";
const mostCases = 12;
const mostEvidence = 12;
const mostTexts = 3;
/** Lines of one piece of evidence, what is left out not counted. */
const evidenceLines = 2;
const longest = 1000;
const longestCommand = 8000;

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
  const margin = " ".repeat(2 + 6 + 10 + left.length);
  const [name = "", ...rest] = wrapAnsi(safeLine(title, 200), room, { hard: true }).split("\n");
  const last = rest.length === 0 ? chalk.dim(sure) : "";
  return [
    `  ${verdict}  ${severity}  ${chalk.bold(left + name)}${last}`,
    ...rest.map((line, index) => {
      const end = index === rest.length - 1 ? chalk.dim(sure) : "";
      return `${margin}${chalk.bold(line)}${end}`;
    }),
  ].join("\n");
}

function evidenceOf({ all }: Group, limit: number, most: number, ink: Ink): string[] {
  const lines = evidenceBeside(all);
  const bar = `${indent}│ `;
  const fold = { width: ink.width - bar.length, hang: 2, most };
  const shown = lines
    .slice(0, limit)
    .flatMap((line) => folded(safeLine(line, longest), fold).map((each) => bar + each));
  if (lines.length > limit) shown.push(`${bar}… ${lines.length - limit} more in --json`);
  return dimmed(shown, ink);
}

/** A command has nearly the whole page, and is set in the same way wherever it stands. */
const commandIndent = "  ";

/** The one command that is shown for a group. */
function commandOf({ all }: Group): string | undefined {
  return all.find((finding) => finding.repro !== undefined)?.repro;
}

function reproOf(group: Group, { chalk, width }: Ink): string[] {
  const repro = commandOf(group);
  if (repro === undefined) return [];
  const room = width - commandIndent.length - 2;
  const [first = "", ...rest] = commandLines(safeLine(repro, longestCommand), room);
  // A flag and its value that need the whole page have it, and can still be copied.
  const isTight = rest.some((line) => line.trimStart().length > room);
  const margin = isTight ? commandIndent : `${commandIndent}  `;
  // A command that cannot be broken is longer than the page, and left to the terminal.
  return [
    `${commandIndent}${chalk.dim("$")} ${first}`,
    ...rest.map((line) => margin + line.trimStart()),
  ];
}

/** Behind a label in colour, each text once, and what several have in common. */
function labelled(label: "why" | "fix", texts: readonly string[], ink: Ink): string[] {
  const told = distinct(texts).slice(0, mostTexts);
  return (label === "fix" ? toldOnce(told) : told).flatMap((text) =>
    hung(`${label}  `, text, ink).map((line) =>
      line.replace(
        /^( +)(why|fix)(?= {2})/,
        (_, pad: string, word: string) => pad + ink.chalk.cyan(word),
      ),
    ),
  );
}

function block(group: Group, title: string, ink: Ink, verbose: boolean): string[] {
  const { first, all } = group;
  const isFailed = first.verdict === "fail";
  const messages = distinct(all.map(({ message }) => message));
  const bullet = messages.length > 1 ? "• " : "";
  const limit = verbose ? messages.length : mostCases;
  const left = messages.length - limit;
  const evidence = verbose ? Infinity : isFailed ? mostEvidence : Math.floor(mostEvidence / 3);
  return [
    headOf(group, title, ink),
    ...messages.slice(0, limit).flatMap((message) => hung(bullet, message, ink)),
    ...(left > 0 ? [`${indent}… and ${left} more`] : []),
    ...evidenceOf(group, evidence, verbose ? Infinity : evidenceLines, ink),
    ...labelled(
      "why",
      all.map(({ why }) => why),
      ink,
    ),
    ...labelled(
      "fix",
      all.map(({ fix }) => fix),
      ink,
    ),
    ...reproOf(group, ink),
  ];
}

/** A warning that is not grave: what was seen, all of it, since the reason may come last. */
function brief(group: Group, ink: Ink): string[] {
  const { rule } = group.first;
  const left = `  ${warn(ink, ink.chalk.bold("WARN"))}  ${group.first.severity.padEnd(8)}  `;
  const margin = 2 + 4 + 2 + 8 + 2 + 7;
  const messages = distinct(group.all.map(({ message }) => message));
  const more = messages.length > 1 ? ` (and ${messages.length - 1} more)` : "";
  const room = Math.max(20, ink.width - margin);
  const text = safeLine(messages[0]!, longest);
  const lines = wrapAnsi(text + more, room, { trim: true, hard: true }).split("\n");
  return lines.map((line, index) =>
    index === 0 ? `${left}${ink.chalk.bold(rule.padEnd(6))} ${line}` : " ".repeat(margin) + line,
  );
}

/** Whether a line or two do for it, where people have not asked for all. */
function isMinor({ first }: Group): boolean {
  return first.verdict === "warn" && !isAtLeast(first.severity, "medium");
}

/**
 * What stands against the server, a block each, an empty line between two; warnings of low severity
 * share one block, unless people want to see all.
 */
export function findingBlocks({ inspection, verbose = false }: Judged, ink: Ink): string[] {
  const titles = new Map(inspection.checks.map(({ rule }) => [rule.id, rule.title]));
  const groups = groupsAgainst(inspection);
  const minor = verbose ? [] : groups.filter(isMinor);
  const whole = groups
    .filter((group) => !minor.includes(group))
    .map((group) => block(group, titles.get(group.first.rule) ?? "", ink, verbose).join("\n"));
  const commands = groups.filter((group) => !minor.includes(group)).map(commandOf);
  const notes = commandNotes(commands, inspection).map(
    (note) => `${commandIndent}${ink.chalk.dim(`# ${note}`)}`,
  );
  const told = notes.length === 0 ? whole : [...whole, notes.join("\n")];
  if (minor.length === 0) return told;
  const lines = minor.flatMap((group) => brief(group, ink));
  return [
    ...told,
    [...lines, ink.chalk.dim(`${indent}-v shows why, what to do, and how to see it again`)].join(
      "\n",
    ),
  ];
}
