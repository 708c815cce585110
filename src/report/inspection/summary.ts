/** Owns the rest of what the checks came to, as compact as it can be: what is told, passed, not tried. */
import { safeLine } from "../../base/safe-text.js";
import type { Finding } from "../../findings/finding.js";
import type { Inspection } from "../../findings/inspection.js";
import type { Verdict } from "../../findings/verdict.js";
import { type Ink, warn } from "../ink.js";
import type { Section } from "../section.js";
import { counted, evidenceBeside, isAgainst, type Judged } from "./judgement.js";

const longest = 500;
const mostLines = 30;
/** Checks that are named where one reason holds for all of them. */
const mostIds = 6;

function unique(ids: readonly string[]): string {
  return [...new Set(ids)].join(" ");
}

/** The same reason is told once, with all that it holds for. */
function byMessage(findings: readonly Finding[]): string[] {
  const ids = new Map<string, string[]>();
  for (const { rule, message } of findings) {
    const known = ids.get(message);
    if (known) known.push(rule);
    else ids.set(message, [rule]);
  }
  return [...ids].map(([message, rules]) => `${unique(rules)}: ${safeLine(message, longest)}`);
}

function limited(lines: readonly string[]): string[] {
  if (lines.length <= mostLines) return [...lines];
  return [...lines.slice(0, mostLines), `… and ${lines.length - mostLines} more in --json`];
}

/** Many checks that one reason holds for, as their number. */
function byReason(findings: readonly Finding[], verbose: boolean): string[] {
  if (verbose) return byMessage(findings);
  const reasons = [...new Set(findings.map(({ message }) => message))];
  return reasons.flatMap((message) => {
    const all = findings.filter((finding) => finding.message === message);
    const count = new Set(all.map(({ rule }) => rule)).size;
    if (count <= mostIds) return byMessage(all);
    return [`${counted(count, "check")}: ${safeLine(message, longest)}; -v lists them`];
  });
}

/** What has to be mended before more can be seen. */
function lackWords({ outcome, interrupted, findings }: Inspection): string {
  const worst = findings.find((finding) => isAgainst(finding) && !finding.accepted);
  const why = {
    failed: "an answer, and none came",
    refused: "an open WebSocket, and the server refused it",
    invalid: "an open WebSocket, and the 101 is invalid",
    open: "an open WebSocket, and none was got",
  }[outcome];
  if (interrupted && outcome === "failed") return "an answer, and none had come";
  return worst ? `${why}: see ${worst.rule}` : why;
}

/** What could not be tried, as the first exchange did not come so far, in a line. */
function untriedLines(inspection: Inspection, untried: readonly Finding[], verbose: boolean) {
  const count = new Set(untried.map(({ rule }) => rule)).size;
  if (count === 0) return [];
  if (verbose || count <= 2) return byMessage(untried);
  return [`${count} checks need ${lackWords(inspection)}; -v lists them`];
}

function unclearLines(inspection: Inspection, verbose: boolean): string[] {
  const all = inspection.findings.filter(({ verdict }) => verdict === "inconclusive");
  const isUntried = ({ kind }: Finding): boolean => kind === "not tried";
  return limited([
    ...untriedLines(inspection, all.filter(isUntried), verbose),
    ...byReason(
      all.filter((finding) => !isUntried(finding)),
      verbose,
    ),
  ]);
}

/** Findings that were accepted, told, passed, not clear and skipped. */
export function summarySections(judged: Judged, { chalk }: Ink): Section[] {
  const { inspection, verbose = false } = judged;
  const { checks, findings } = inspection;
  const ofVerdict = (verdict: Verdict): Finding[] =>
    findings.filter((finding) => finding.verdict === verdict);
  const accepted = findings.filter((finding) => isAgainst(finding) && finding.accepted);
  const passed = checks.filter(({ verdict }) => verdict === "pass").map(({ rule }) => rule.id);
  const passedLine = `${counted(passed.length, "check")} passed: ${passed.join(" ")}`;
  const details = ofVerdict("pass").flatMap((finding) =>
    [`${finding.rule}: ${safeLine(finding.message, longest)}`].concat(
      evidenceBeside([finding])
        .slice(0, mostLines)
        .map((line) => chalk.dim(`  ${safeLine(line, longest)}`)),
    ),
  );
  return [
    {
      title: "accepted",
      lines: limited(
        accepted.map(
          ({ rule, verdict, severity, message }) =>
            `${verdict} ${severity} ${rule}: ${safeLine(message, longest)}`,
        ),
      ).map((line) => chalk.dim(line)),
    },
    { title: "noted", lines: limited(byMessage(ofVerdict("info"))) },
    {
      title: "passed",
      lines:
        passed.length === 0 ? [] : [chalk.green("✔ ") + passedLine, ...(verbose ? details : [])],
    },
    {
      title: "not clear",
      lines: unclearLines(inspection, verbose).map((line) => warn({ chalk }, line)),
    },
    {
      title: "skipped",
      lines: limited(byMessage(ofVerdict("skip"))).map((line) => chalk.dim(line)),
    },
  ];
}
