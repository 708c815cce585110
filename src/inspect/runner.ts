/** Owns running checks: one after the other, each on its own budget, none silently. */
import { messageOf } from "../base/errors.js";
import { safeLine, safeText } from "../base/safe-text.js";
import { type Finding, fingerprintOf } from "../findings/finding.js";
import type { Rule } from "../findings/rule.js";
import { type Verdict, verdicts, worstOf } from "../findings/verdict.js";
import { severities } from "../findings/severity.js";
import { Asker, type AskerBase } from "./asker.js";
import type { Check, Needs, Observation } from "./check.js";
import { isOpen, isSwitch, type Reply, saidOf } from "./reply.js";
import { curlOf } from "./repro.js";
import { heldCookies, type Secrets, secretsOf } from "./secrets.js";
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

const endedEarly = "the inspection ended before this was done";
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

function inconclusive(message: string): readonly Observation[] {
  return [{ verdict: "inconclusive", message }];
}

/** What a check said, unless it cannot have seen it: what is not known has not passed. */
function judged(seen: readonly Observation[], asker: Asker, signal: AbortSignal) {
  if (signal.aborted) return inconclusive(endedEarly);
  if (seen.length === 0) return inconclusive("the check came to no result");
  if (!asker.isOverspent) return seen;
  const against = seen.filter(({ verdict }) => verdict === "fail" || verdict === "warn");
  return [...against, ...inconclusive("it wanted more of the server than it may ask for")];
}

/** Runs one check; whatever it throws becomes an observation. */
async function look(
  check: Check,
  options: RunOptions,
  asker: Asker,
): Promise<readonly Observation[]> {
  const { subject } = options;
  const { signal } = options.base;
  if (signal.aborted) return inconclusive(endedEarly);
  const lack = lackOf(check.needs, subject.baseline);
  if (lack !== undefined) return inconclusive(lack);
  try {
    const whole = { ...subject, asker };
    const reason = check.skip?.(whole);
    if (reason !== undefined) return [{ verdict: "skip", message: reason }];
    return judged(await check.run(whole), asker, signal);
  } catch (error) {
    if (signal.aborted) return inconclusive(endedEarly);
    return inconclusive(`could not be looked at: ${messageOf(error)}`);
  } finally {
    await asker.settle();
  }
}

function findingOf(
  check: Check,
  seen: Observation,
  options: RunOptions,
  secrets: Secrets,
): Finding {
  const { rule } = check;
  const { verdict, confidence = "certain", evidence = [], request } = seen;
  const clean = (text: string) => safeLine(secrets.redact(text), longestLine);
  const which = clean(seen.case ?? "");
  const fingerprint = fingerprintOf(rule.id, which, verdict);
  const isAgainst = verdict === "fail" || verdict === "warn";
  const repro = seen.repro ?? (request && curlOf(request, options.subject.target));
  return {
    rule: rule.id,
    case: which,
    verdict,
    severity: isAgainst ? (seen.severity ?? rule.severity) : "info",
    confidence,
    message: clean(seen.message),
    evidence: evidence.slice(0, mostEvidence).map(clean),
    why: seen.why === undefined ? rule.why : clean(seen.why),
    fix: seen.fix === undefined ? rule.fix : clean(seen.fix),
    ...(repro === undefined ? {} : { repro: safeText(secrets.redact(repro)) }),
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
 * inconclusive, and so is the one that is under way. Nothing that a check throws gets out.
 */
export async function runChecks(checks: readonly Check[], options: RunOptions): Promise<Outcome> {
  const done: { rule: Rule; verdict: Verdict }[] = [];
  const findings: Finding[] = [];
  const { base, subject } = options;
  const secrets = secretsOf(base.target, base.options, subject.given).withCookies(
    subject.baseline.kind === "answered" ? heldCookies(subject.baseline.response.headers) : [],
  );
  for (const [index, check] of checks.entries()) {
    options.onCheck?.(check, index);
    const asker = new Asker(base, check.cost);
    const seen = await look(check, options, asker);
    const all = secrets.withCookies(asker.cookies);
    done.push({ rule: check.rule, verdict: worstOf(seen.map(({ verdict }) => verdict)) });
    for (const each of seen) findings.push(findingOf(check, each, options, all));
  }
  return { checks: done, findings: findings.toSorted(byWeight) };
}
