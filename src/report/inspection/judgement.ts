/** Owns what an inspection comes to for whoever has asked: its findings held against a limit. */
import type { Finding } from "../../findings/finding.js";
import type { Inspection } from "../../findings/inspection.js";
import { isAtLeast, type Severity } from "../../findings/severity.js";
import type { Verdict } from "../../findings/verdict.js";

/** An inspection, and how it was asked for. */
export interface Judged {
  readonly inspection: Inspection;
  /** From which severity on a finding makes the command fail. */
  readonly failOn: Severity | "never";
  /** Whether people want to see what passed, and all that is known. */
  readonly verbose?: boolean | undefined;
}

/** What an inspection comes to. */
export type Standing = "interrupted" | "failed" | "refused" | "invalid" | "found" | "ok";

/** Whether it is held against the server. */
export function isAgainst({ verdict }: Finding): boolean {
  return verdict === "fail" || verdict === "warn";
}

/** Whether it makes the command fail: as grave as the limit or graver, and not accepted. */
export function isStopping(finding: Finding, failOn: Judged["failOn"]): boolean {
  if (failOn === "never" || finding.accepted || !isAgainst(finding)) return false;
  return isAtLeast(finding.severity, failOn);
}

/** The findings that make the command fail. */
function stopping({ inspection, failOn }: Judged): Finding[] {
  return inspection.findings.filter((finding) => isStopping(finding, failOn));
}

/** What it comes to: how the first exchange went is said before what the checks have found. */
export function standingOf(judged: Judged): Standing {
  const { outcome, interrupted } = judged.inspection;
  if (interrupted) return "interrupted";
  if (outcome !== "open") return outcome;
  return stopping(judged).length > 0 ? "found" : "ok";
}

/** How many checks came to that, none of them counted twice. */
export function checksWith({ checks }: Inspection, verdict: Verdict): number {
  return checks.filter((check) => check.verdict === verdict).length;
}

/** One thing, two things. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** The standing in a sentence. */
export function standingWords(judged: Judged): string {
  const { inspection, failOn } = judged;
  const { failure, timing, response } = inspection;
  const words: Readonly<Record<Standing, string>> = {
    interrupted: "ended before it was done",
    failed: failure?.message ?? "no answer came",
    refused: failure?.message ?? `the server refused the upgrade: ${response?.first ?? ""}`,
    invalid: failure?.message ?? "the answer breaks RFC 6455",
    found: `${counted(stopping(judged).length, "finding")} at ${failOn} or above`,
    ok: timing ? "the WebSocket opens" : "nothing was found",
  };
  return words[standingOf(judged)];
}

/** Checks by what they came to, such as `31 passed, 2 warned`; what there is none of is left out. */
export function tally(inspection: Inspection): string[] {
  const words: readonly (readonly [Verdict, string])[] = [
    ["fail", "failed"],
    ["warn", "warned"],
    ["inconclusive", "not clear"],
    ["info", "noted"],
    ["pass", "passed"],
    ["skip", "skipped"],
  ];
  return words.flatMap(([verdict, word]) => {
    const count = checksWith(inspection, verdict);
    return count === 0 ? [] : [`${count} ${word}`];
  });
}
