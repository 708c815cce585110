/** Owns the checks that hold one kind of rows of the origin matrix against what is right. */
import type { Rule } from "../../findings/rule.js";
import type { Check, Observation } from "../check.js";
import type { Subject } from "../subject.js";
import { isIn } from "./admission.js";
import { judged, unfounded, wearied } from "./judge.js";
import { type Asked, lineOf, type OriginProbe, probeOf } from "./origin-probe.js";
import type { Trial, TrialKind } from "./trial.js";

/** What such a check is made of. */
interface KindOptions {
  readonly kinds: readonly TrialKind[];
  /** Rows of these kinds, at most. */
  readonly rows: number;
  /** What is said where none gets in. */
  readonly passed: string;
  /** Whether there are many, of which some may make no sense with the allowed Origin. */
  readonly isLong?: boolean;
}

/** The allowed and the foreign Origin come first. */
const ground = 2;
/** Then the control without credentials where one gets in, or else the allowed Origin again. */
const last = 1;

/** Asks every row of these kinds; fewer when the server falls silent. */
async function askAll(
  probe: OriginProbe,
  trials: readonly Trial[],
  { asker }: Subject,
): Promise<Asked[]> {
  const all: Asked[] = [];
  for (const { name } of trials) {
    const asked = await probe.ask(name, asker);
    if (!asked) break;
    all.push(asked);
  }
  return all;
}

/** The rows that make no sense here. */
function skippedLines({ trials }: OriginProbe): string[] {
  return [...trials].flatMap(([name, each]) =>
    typeof each === "string" ? [`not tried: ${name}, for ${each}`] : [],
  );
}

/** One observation for all, where no Origin at all is refused: OR-1 says what that means. */
function openToAll(asked: readonly Asked[]): Observation {
  return {
    verdict: "info",
    // One sentence for all these checks, so that a page tells it once; the matrix has the rows.
    message: "any Origin is let in, whatever it is: see OR-1",
    evidence: asked.map(lineOf),
  };
}

async function look(
  subject: Subject,
  rule: Rule,
  options: KindOptions,
): Promise<readonly Observation[]> {
  const { kinds, passed, isLong = false } = options;
  const probe = probeOf(subject);
  const { asker } = subject;
  const lack = unfounded(await probe.ask("exact", asker));
  if (lack) return [lack];
  await probe.ask("other site", asker);
  const trials = [...probe.trials.values()].filter((each) => typeof each !== "string");
  const own = trials.filter(({ kind }) => kinds.includes(kind));
  const all = await askAll(probe, own, subject);
  const isAnyIn = all.some(isIn);
  if (probe.isOpenToAll && isAnyIn) return [openToAll(all)];
  if (isLong && isAnyIn && probe.credentials.ambient.length > 0) await probe.control(asker);
  const seen = all.map((asked) => judged(asked, probe));
  const told = seen.filter(
    ({ verdict }, index) => verdict !== "pass" && all[index]!.trial.kind !== "spelling",
  );
  if (all.length < own.length) {
    const message = `${own.length - all.length} of ${own.length} were not tried: the server no longer answers`;
    return [...told, { verdict: "inconclusive", message }];
  }
  if (told.length > 0) return told;
  const weary = await wearied(probe, rule.id, asker, all.map(lineOf));
  if (weary) return [weary];
  const evidence = [...all.map(lineOf), ...(isLong ? skippedLines(probe) : [])];
  return [{ verdict: "pass", message: passed, evidence }];
}

/** The check of those rows. */
export function kindCheck(rule: Rule, options: KindOptions): Check {
  const { rows } = options;
  return {
    rule,
    tier: "origins",
    needs: "open",
    cost: { handshakes: ground + rows + last },
    run: (subject) => look(subject, rule, options),
  };
}
