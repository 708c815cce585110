/** Owns an inspection as Markdown, for a comment on a change or a job's summary. */
import { formatDuration } from "../../base/quantity.js";
import { safeLine } from "../../base/safe-text.js";
import type { Finding } from "../../findings/finding.js";
import type { Inspection } from "../../findings/inspection.js";
import { cellCode, markdownCode, markdownTable, markdownText } from "../markdown-text.js";
import {
  counted,
  type Group,
  groupsAgainst,
  isAgainst,
  type Judged,
  standingOf,
  standingWords,
  tally,
} from "./judgement.js";
import { commandNotes } from "./command-notes.js";
import { cellsOf, rowsOf } from "./origin-table.js";

const mostFindings = 30;
const mostMessages = 5;
const mostEvidence = 10;
const longest = 500;

/** The document; ends with a newline. */
export function markdownPage(judged: Judged): string {
  const { inspection } = judged;
  const { findings, checks } = inspection;
  const against = findings.filter((finding) => isAgainst(finding) && !finding.accepted);
  const titles = new Map(checks.map(({ rule }) => [rule.id, rule.title]));
  const blocks = [
    [`## ${headline(judged)}`],
    [under(inspection)],
    failure(inspection),
    overview(groupsAgainst(inspection), titles),
    origins(inspection),
    ...against.slice(0, mostFindings).map((finding) => details(finding)),
    commandNotes(
      against.slice(0, mostFindings).map(({ repro }) => repro),
      inspection,
    ).map((note) => `- ${note}`),
    rest(inspection),
  ];
  return `${blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n")}\n`;
}

function headline(judged: Judged): string {
  const standing = standingOf(judged);
  const isWell = standing === "ok" && groupsAgainst(judged.inspection).length === 0;
  const isMild = standing === "ok" || standing === "interrupted";
  const mark = isWell ? "✅" : isMild ? "⚠️" : "❌";
  return `${mark} wsctl inspect: ${markdownText(standingWords(judged), longest)}`;
}

function under(inspection: Inspection): string {
  const { url, outcome, timing, budget, took } = inspection;
  const total = timing?.runs?.phases["total"];
  const after = outcome === "open" ? "open after" : "answer after";
  const phases = timing
    ? total
      ? [`${after} ${formatDuration(total.p50)} (p50), ${formatDuration(total.p95)} (p95)`]
      : [`${after} ${formatDuration(timing.curl.time_total * 1000)}`]
    : [];
  return [
    markdownCode(url, longest),
    tally(inspection).join(", "),
    ...phases,
    `${counted(budget.handshakes, "handshake")} in ${formatDuration(took)}`,
  ]
    .filter((part) => part !== "")
    .join(" · ");
}

function failure({ failure: why, outcome }: Inspection): string[] {
  if (!why || outcome === "open") return [];
  return [
    ...why.where.map((line) => `- ${markdownCode(line, longest)}`),
    ...(why.hint ? [`- ${markdownText(why.hint, longest)}`] : []),
  ];
}

/** A row for each of what is counted as a finding. */
function overview(groups: readonly Group[], titles: ReadonlyMap<string, string>): string[] {
  if (groups.length === 0) return [];
  const rows = groups.slice(0, mostFindings).map(({ first, all }) => {
    const { rule, verdict, severity } = first;
    const messages = [...new Set(all.map(({ message }) => message))];
    const more =
      messages.length > mostMessages ? [`… and ${messages.length - mostMessages} more`] : [];
    return [
      verdict === "fail" ? "❌" : "⚠️",
      severity,
      `${rule} ${markdownText(titles.get(rule) ?? "")}`,
      [...messages.slice(0, mostMessages).map((text) => markdownText(text, longest)), ...more].join(
        " · ",
      ),
    ];
  });
  const left = groups.length - rows.length;
  const table = markdownTable(["", "severity", "check", "found"], rows, []);
  return left > 0 ? [...table, "", `… and ${left} more`] : table;
}

/** Text within a tag, where Markdown does not look, and GitHub does for links and names. */
function htmlText(text: string): string {
  return safeLine(text, 200)
    .replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`)
    .replace(/:\/\//g, ":\u200b//")
    .replace(/@/g, "@\u200b");
}

/** Folded: why, what to do, what shows it. Nothing within a fence is obeyed. */
function details(finding: Finding): string[] {
  const { rule, case: which, why, fix, evidence, repro } = finding;
  const shown = [
    ...evidence.slice(0, mostEvidence).map((line) => safeLine(line, longest)),
    ...(repro === undefined ? [] : [`$ ${safeLine(repro, 8000)}`]),
  ];
  const runs = shown.flatMap((line) => [...line.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(Math.max(2, ...runs) + 1);
  return [
    `<details><summary>${rule}${which === "" ? "" : `: ${htmlText(which)}`}</summary>`,
    "",
    markdownText(why, 1000),
    "",
    `**What to do:** ${markdownText(fix, 1000)}`,
    ...(shown.length === 0 ? [] : ["", fence, ...shown, fence]),
    "",
    "</details>",
  ];
}

function origins({ origins: matrix }: Inspection): string[] {
  if (!matrix) return [];
  const cells = rowsOf(matrix).map((row) => {
    const [mark = "", name = "", origin = "", answer = "", said = ""] = cellsOf(row);
    return [mark, markdownText(name), cellCode(origin), answer, markdownText(said)];
  });
  const head = ["", "tried", "Origin", "answer", ""];
  return [`### Origins`, "", ...markdownTable(head, cells, [])];
}

function rest({ checks, findings }: Inspection): string[] {
  const accepted = findings.filter((finding) => isAgainst(finding) && finding.accepted);
  const passed = checks.filter(({ verdict }) => verdict === "pass").map(({ rule }) => rule.id);
  return [
    ...(passed.length > 0
      ? [`- ${counted(passed.length, "check")} passed: ${passed.join(", ")}`]
      : []),
    ...accepted.map(({ rule, message }) => `- accepted: ${rule} ${markdownText(message, longest)}`),
  ];
}
