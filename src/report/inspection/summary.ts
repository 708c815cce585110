/** Owns the rest of what the checks came to, as compact as it can be: what is told, passed, not tried. */
import { safeLine } from "../../base/safe-text.js";
import type { Finding } from "../../findings/finding.js";
import type { Verdict } from "../../findings/verdict.js";
import { type Ink, warn } from "../ink.js";
import type { Section } from "../section.js";
import { counted, isAgainst, type Judged } from "./judgement.js";

const longest = 500;
const mostLines = 30;

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

/** Findings that were accepted, told, passed, not clear and skipped. */
export function summarySections(judged: Judged, { chalk }: Ink): Section[] {
  const { inspection, verbose = false } = judged;
  const { checks, findings } = inspection;
  const ofVerdict = (verdict: Verdict): Finding[] =>
    findings.filter((finding) => finding.verdict === verdict);
  const accepted = findings.filter((finding) => isAgainst(finding) && finding.accepted);
  const passed = checks.filter(({ verdict }) => verdict === "pass").map(({ rule }) => rule.id);
  const passedLine = `${counted(passed.length, "check")} passed: ${passed.join(" ")}`;
  const details = ofVerdict("pass").flatMap(({ rule, message, evidence }) =>
    [`${rule}: ${safeLine(message, longest)}`].concat(
      evidence.slice(0, mostLines).map((line) => chalk.dim(`  ${safeLine(line, longest)}`)),
    ),
  );
  return [
    {
      title: "accepted",
      lines: accepted.map(({ rule, verdict, severity, message }) =>
        chalk.dim(`${verdict} ${severity} ${rule}: ${safeLine(message, longest)}`),
      ),
    },
    { title: "noted", lines: limited(byMessage(ofVerdict("info"))) },
    {
      title: "passed",
      lines:
        passed.length === 0 ? [] : [chalk.green("✔ ") + passedLine, ...(verbose ? details : [])],
    },
    {
      title: "not clear",
      lines: limited(byMessage(ofVerdict("inconclusive"))).map((line) => warn({ chalk }, line)),
    },
    {
      title: "skipped",
      lines: limited(byMessage(ofVerdict("skip"))).map((line) => chalk.dim(line)),
    },
  ];
}
