/** Owns running checks: one after the other, each on its own budget, none silently. */
import { messageOf, WsctlError } from "../base/errors.js";
import { safeLine } from "../base/safe-text.js";
import { type Finding, fingerprintOf } from "../findings/finding.js";
import type { Rule } from "../findings/rule.js";
import { type Verdict, verdicts, worstOf } from "../findings/verdict.js";
import { severities } from "../findings/severity.js";
import { Asker, type AskerBase } from "./asker.js";
import type { Check, Needs, Observation } from "./check.js";
import { isOpen, isSwitch, type Reply, saidOf } from "./reply.js";
import { curlOf } from "./repro.js";
import type { Subject } from "./subject.js";

/** What a run came to. */
export interface Outcome {
  readonly checks: readonly { readonly rule: Rule; readonly verdict: Verdict }[];
  /** The worst first. */
  readonly findings: readonly Finding[];
}

/** How to run. */
export interface RunOptions {
  readonly base: AskerBase;
  readonly subject: Omit<Subject, "asker">;
  /** Fingerprints of what is known and accepted. */
  readonly accepted: ReadonlySet<string>;
  /** Told before each check. */
  readonly onCheck?: ((check: Check, index: number) => void) | undefined;
}

const longestLine = 500;
const mostEvidence = 40;

/** Why the first exchange does not do for a check; undefined when it does. */
function lackOf(needs: Needs, baseline: Reply): string | undefined {
  const isConnected = baseline.kind === "answered" || baseline.error.phase === "upgrade";
  const isEnough: Readonly<Record<Needs, boolean>> = {
    nothing: true,
    connection: isConnected,
    answer: baseline.kind === "answered",
    switch: isSwitch(baseline),
    open: isOpen(baseline),
  };
  if (isEnough[needs]) return undefined;
  const said =
    isSwitch(baseline) && !isOpen(baseline) ? "an invalid 101" : safeLine(saidOf(baseline));
  return `not tried: the first exchange came to ${said}`;
}

/** Runs one check; whatever it throws becomes an observation. */
async function look(check: Check, options: RunOptions): Promise<readonly Observation[]> {
  const { base, subject } = options;
  const lack = lackOf(check.needs, subject.baseline);
  if (lack !== undefined) return [{ verdict: "inconclusive", message: lack }];
  const asker = new Asker(base, check.cost);
  try {
    const whole = { ...subject, asker };
    const reason = check.skip?.(whole);
    if (reason !== undefined) return [{ verdict: "skip", message: reason }];
    const seen = await check.run(whole);
    if (seen.length > 0) return seen;
    return [{ verdict: "inconclusive", message: "the check came to no result" }];
  } catch (error) {
    if (base.signal.aborted)
      return [{ verdict: "inconclusive", message: "ended before it was done" }];
    if (error instanceof WsctlError && error.code === "WSCTL_EUSAGE") throw error;
    return [{ verdict: "inconclusive", message: `could not be looked at: ${messageOf(error)}` }];
  } finally {
    await asker.settle();
  }
}

function findingOf(check: Check, seen: Observation, options: RunOptions): Finding {
  const { rule } = check;
  const { verdict, confidence = "certain", evidence = [], request } = seen;
  const which = seen.case ?? "";
  const fingerprint = fingerprintOf(rule.id, which, verdict);
  const isAgainst = verdict === "fail" || verdict === "warn";
  const repro = seen.repro ?? (request && curlOf(request, options.subject.target));
  return {
    rule: rule.id,
    case: which,
    verdict,
    severity: isAgainst ? (seen.severity ?? rule.severity) : "info",
    confidence,
    message: safeLine(seen.message, longestLine),
    evidence: evidence.slice(0, mostEvidence).map((line) => safeLine(line, longestLine)),
    why: seen.why ?? rule.why,
    fix: seen.fix ?? rule.fix,
    ...(repro === undefined ? {} : { repro }),
    fingerprint,
    accepted: isAgainst && options.accepted.has(fingerprint),
  };
}

/** The accepted ones after the others, then by verdict, then by severity, the worst first. */
function byWeight(a: Finding, b: Finding): number {
  return (
    Number(a.accepted) - Number(b.accepted) ||
    verdicts.indexOf(a.verdict) - verdicts.indexOf(b.verdict) ||
    severities.indexOf(b.severity) - severities.indexOf(a.severity)
  );
}

/**
 * Runs the checks in their order. When the signal of the base fires, those that are left are
 * inconclusive.
 * @throws WsctlError WSCTL_EUSAGE for what the user asked of a check and cannot be
 */
export async function runChecks(checks: readonly Check[], options: RunOptions): Promise<Outcome> {
  const done: { rule: Rule; verdict: Verdict }[] = [];
  const findings: Finding[] = [];
  for (const [index, check] of checks.entries()) {
    options.onCheck?.(check, index);
    const seen = await look(check, options);
    done.push({ rule: check.rule, verdict: worstOf(seen.map(({ verdict }) => verdict)) });
    for (const each of seen) findings.push(findingOf(check, each, options));
  }
  return { checks: done, findings: findings.toSorted(byWeight) };
}
