/** Owns running checks: one after the other, each on its own budget, none silently. */
import { messageOf } from "../base/errors.js";
import { safeLine, safeText } from "../base/safe-text.js";
import { type Accepted, isAccepted } from "../findings/baseline.js";
import { type Finding, fingerprintOf } from "../findings/finding.js";
import type { Rule } from "../findings/rule.js";
import { type Verdict, verdicts, worstOf } from "../findings/verdict.js";
import { severities } from "../findings/severity.js";
import { Asker, type AskerBase } from "./asker.js";
import type { Check, Needs, Observation } from "./check.js";
import { authorized } from "./handshake/own-repro.js";
import { isOpen, isSwitch, type Reply, saidOf } from "./reply.js";
import { curlOf } from "./repro.js";
import { heldCookies, type Secrets, secretsOf } from "./secrets.js";
import { type Gone, goneAfter, goneBy, leftUntried, stillThere, tellGone } from "./aftermath.js";
import { doubted, lostStanding } from "./standing.js";
import type { Subject } from "./subject.js";
import { unmarked } from "./their-words.js";
import { onTheWay } from "./way.js";

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
  /** What is known and accepted. */
  readonly accepted: Accepted;
  /** Told before each check. */
  readonly onCheck?: ((check: Check, index: number) => void) | undefined;
}

/** What one check saw, and what must not be shown of it. */
interface Looked {
  readonly check: Check;
  seen: readonly Observation[];
  readonly secrets: Secrets;
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
  const said = isSwitch(baseline) && !isOpen(baseline) ? "an invalid 101" : saidOf(baseline);
  return `not tried: the first exchange came to ${said}`;
}

function inconclusive(message: string, kind = ""): readonly Observation[] {
  return [{ verdict: "inconclusive", kind, message }];
}

/** What a check said, unless it cannot have seen it: what is not known has not passed. */
function judged(seen: readonly Observation[], asker: Asker, signal: AbortSignal) {
  if (signal.aborted) return inconclusive(endedEarly, "ended");
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
  // What has no place at such a target has none however the inspection goes.
  const misplaced = check.lack?.(subject);
  if (misplaced !== undefined) return [{ verdict: "skip", message: misplaced }];
  if (signal.aborted) return inconclusive(endedEarly, "ended");
  const lack = lackOf(check.needs, subject.baseline);
  if (lack !== undefined) return inconclusive(lack, "not tried");
  try {
    const whole = { ...subject, asker };
    const reason = check.skip?.(whole);
    if (reason !== undefined) return [{ verdict: "skip", message: reason }];
    return judged(await check.run(whole), asker, signal);
  } catch (error) {
    if (signal.aborted) return inconclusive(endedEarly, "ended");
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
  const isAgainst = verdict === "fail" || verdict === "warn";
  const clean = (text: string) => safeLine(secrets.redactSentence(text, seen.names), longestLine);
  // Words of ours, by which it is known again: what is secret here and today does not change them.
  const which = safeLine(unmarked(seen.case ?? ""), longestLine);
  const cases = (seen.cases ?? [which]).map((name) => {
    const each = safeLine(unmarked(name), longestLine);
    return { case: each, fingerprint: fingerprintOf(rule.id, each, verdict, seen.kind) };
  });
  const severity = isAgainst ? (seen.severity ?? rule.severity) : "info";
  const { target, given, options: dial } = options.subject;
  const { secretHeaders } = given;
  const known = (text: string): string => secrets.redactSentence(text);
  const repro =
    seen.repro ??
    (request && curlOf(request, target, { dial, secretHeaders, kept: given.way?.kept }));
  return {
    rule: rule.id,
    case: which,
    kind: seen.kind ?? "",
    verdict,
    severity,
    confidence,
    message: clean(seen.message),
    evidence: evidence
      .slice(0, mostEvidence)
      .map((line) => safeLine(secrets.redact(line), longestLine)),
    why: seen.why === undefined ? rule.why : clean(seen.why),
    fix: seen.fix === undefined ? rule.fix : clean(seen.fix),
    ...(repro === undefined
      ? {}
      : {
          repro: safeText(
            authorized(onTheWay(known(repro), given, dial, known), check.tier, target, dial),
          ),
        }),
    cases,
    accepted: isAgainst && isAccepted({ cases, severity }, options.accepted),
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
  const looked: Looked[] = [];
  const lastRefused = checks.findLastIndex(({ passesBy }) => passesBy === "refusal");
  let gone: Gone | undefined;
  for (const [index, check] of checks.entries()) {
    options.onCheck?.(check, index);
    if (gone) {
      looked.push({ check, seen: check === stillThere ? [] : leftUntried(gone), secrets });
      continue;
    }
    const asker = new Asker(base, check.cost);
    const seen = await look(check, options, asker);
    looked.push({ check, seen, secrets: secrets.withCookies(asker.cookies) });
    gone = goneBy(check, seen) ?? (await goneAfter(check, base, subject));
    if (gone || index !== lastRefused) continue;
    const refused = looked.filter((each) => each.check.passesBy === "refusal");
    const all = refused.flatMap((each) => each.seen);
    const lost = await lostStanding(base, subject, all);
    if (lost === undefined) continue;
    for (const each of refused) each.seen = doubted(each.seen, lost);
  }
  if (gone) {
    // It is told even where nobody asked for that check, unless another has told it.
    const told = looked.find(({ check }) => check === stillThere);
    if (told) told.seen = tellGone(gone, subject.target);
    else if (gone.sent)
      looked.push({ check: stillThere, seen: tellGone(gone, subject.target), secrets });
  }
  for (const { check, seen, secrets: known } of looked) {
    done.push({ rule: check.rule, verdict: worstOf(seen.map(({ verdict }) => verdict)) });
    for (const each of seen) findings.push(findingOf(check, each, options, known));
  }
  return { checks: done, findings: findings.toSorted(byWeight) };
}
