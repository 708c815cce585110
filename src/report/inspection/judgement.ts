/** Owns what an inspection comes to for whoever has asked: its findings held against a limit. */
import type { Finding } from "../../findings/finding.js";
import type { Inspection } from "../../findings/inspection.js";
import { isAtLeast, severities, type Severity } from "../../findings/severity.js";
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

/** The evidence beyond what the messages beside it have said word for word. */
export function evidenceBeside(findings: readonly Finding[]): string[] {
  const isTold = (line: string): boolean => findings.some(({ message }) => message.includes(line));
  const lines = new Set(findings.flatMap(({ evidence }) => evidence));
  return [...lines].filter((line) => !isTold(line));
}

/** Findings of one rule that came to the same, the gravest first: what is told in one block. */
export interface Group {
  readonly first: Finding;
  readonly all: readonly Finding[];
}

/** Those of one rule and verdict together, where the first of them stood. */
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

/** What stands against the server and is not accepted, as it is told. */
export function groupsAgainst({ findings }: Inspection): Group[] {
  return grouped(findings.filter((finding) => isAgainst(finding) && !finding.accepted));
}

/** What makes the command fail. */
function stopping({ inspection, failOn }: Judged): Group[] {
  return groupsAgainst(inspection).filter(({ all }) =>
    all.some((finding) => isStopping(finding, failOn)),
  );
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

/** Whether it was not looked at because the inspection was ended. */
function isCutShort({ verdict, kind }: Finding): boolean {
  return verdict === "inconclusive" && kind === "ended";
}

/** What was waited for, by the phase of a dial. */
const waits: Readonly<Record<string, string>> = {
  tcp: "connecting",
  proxy: "waiting for the proxy",
  tls: "waiting for the TLS handshake",
  upgrade: "waiting for the answer to the upgrade",
};

/** How far an inspection came that was ended. */
function endedWords({ outcome, failure, checks, findings }: Inspection): string {
  if (outcome === "failed") {
    const { code, phase = "", message = "no answer came" } = failure ?? {};
    if (code !== "WSCTL_EABORTED") return `ended; before that: ${message}`;
    return Object.hasOwn(waits, phase)
      ? `ended while ${waits[phase]!}`
      : "ended before the server had answered";
  }
  const left = new Set(findings.filter(isCutShort).map(({ rule }) => rule)).size;
  const done = Math.max(0, checks.length - left);
  return `ended after ${done} of ${counted(checks.length, "check")}`;
}

/** That the WebSocket opens, and that this is not all there is to say. */
function openWords({ inspection, failOn }: Judged): string {
  const opens = inspection.timing ? "the WebSocket opens" : "nothing was found";
  const found = groupsAgainst(inspection).length;
  if (found === 0) return opens;
  if (failOn === "never")
    return `${opens}; ${counted(found, "finding")}, none of which is to fail it`;
  return `${opens}; nothing found is ${limitWords(failOn)}`;
}

/** From there on. */
function limitWords(failOn: Judged["failOn"]): string {
  return failOn === "critical" ? failOn : `${failOn} or above`;
}

/** The standing in a sentence. */
export function standingWords(judged: Judged): string {
  const { inspection, failOn } = judged;
  const { failure, response } = inspection;
  const words: Readonly<Record<Standing, () => string>> = {
    interrupted: () => endedWords(inspection),
    failed: () => failure?.message ?? "no answer came",
    refused: () => failure?.message ?? `the server refused the upgrade: ${response?.first ?? ""}`,
    invalid: () => failure?.message ?? "the answer breaks RFC 6455",
    found: () => `${counted(stopping(judged).length, "finding")} at ${limitWords(failOn)}`,
    ok: () => openWords(judged),
  };
  return words[standingOf(judged)]();
}

/** The findings by their severity: `1 high finding`, or `5 findings (3 high, 2 low)`. */
function findingsWords(groups: readonly Group[]): string[] {
  const counts = severities
    .toReversed()
    .map((severity) => [groups.filter(({ first }) => first.severity === severity).length, severity])
    .filter(([count]) => count !== 0);
  const [only, ...others] = counts;
  if (!only) return [];
  if (others.length === 0)
    return [`${only.join(" ")} ${groups.length === 1 ? "finding" : "findings"}`];
  return [`${groups.length} findings (${counts.map((each) => each.join(" ")).join(", ")})`];
}

/**
 * What was found by severity, then checks by what they came to: `2 medium findings`, `31 passed`;
 * what there is none of is left out.
 */
export function tally(inspection: Inspection): string[] {
  const accepted = grouped(inspection.findings.filter((one) => isAgainst(one) && one.accepted));
  const words: readonly (readonly [number, string])[] = [
    [accepted.length, "accepted"],
    [checksWith(inspection, "inconclusive"), "not clear"],
    [checksWith(inspection, "info"), "noted"],
    [checksWith(inspection, "pass"), "passed"],
    [checksWith(inspection, "skip"), "skipped"],
  ];
  return [
    ...findingsWords(groupsAgainst(inspection)),
    ...words.flatMap(([count, word]) => (count === 0 ? [] : [`${count} ${word}`])),
  ];
}
