/** Owns the verdict on a run in one word, the same for every report and for the exit code. */
import { formatCount } from "../base/quantity.js";
import type { RunResult } from "../metrics/run-result.js";
import { isByTarget } from "../metrics/validity.js";
import { totalOf } from "./figures-of.js";

/** What a run came to. What stands first here goes before what stands after it. */
export interface Verdict {
  readonly kind: "interrupted" | "invalid" | "failed" | "passed";
  /** In a few words, harmless: `passed, with 3 unmet expectations`. */
  readonly words: string;
}

/** What thresholds say of expectations. */
const ofExpectations = /^\s*(?:checks|ws_expect_failed)\s*(?:\{|$)/;
/** What they say of steps that could not be played. */
const ofSteps = /^\s*ws_step_failed\s*(?:\{|$)/;

/**
 * The verdict. Expectations alone fail no run: what may not go unmet is for a threshold to say.
 * Those of which none says anything are told all the same.
 */
export function verdictOf(result: RunResult): Verdict {
  const { validity, thresholds, interrupted } = result;
  const failed = thresholds.filter(({ ok }) => !ok).length;
  if (interrupted) return { kind: "interrupted", words: "interrupted" };
  // A gate that failed by the target's own doing has seen just what it was set for.
  if (!validity.ok && !(failed > 0 && isByTarget(validity))) {
    return { kind: "invalid", words: "INVALID, the figures are no evidence" };
  }
  if (failed > 0) {
    const noun = `threshold${thresholds.length === 1 ? "" : "s"}`;
    return { kind: "failed", words: `${failed} of ${thresholds.length} ${noun} failed` };
  }
  const [unmet, unplayed] = [ungated(result), ungatedSteps(result)];
  const asides = [
    ...(unmet > 0 ? [`${formatCount(unmet)} unmet expectation${unmet === 1 ? "" : "s"}`] : []),
    ...(unplayed > 0 ? [`${formatCount(unplayed)} failed step${unplayed === 1 ? "" : "s"}`] : []),
  ];
  const words = asides.length === 0 ? "passed" : `passed, with ${asides.join(" and ")}`;
  return { kind: "passed", words };
}

/** Whether unmet expectations failed the run, by a threshold on them. */
export function failsByExpectations({ thresholds }: RunResult): boolean {
  return thresholds.some(({ ok, metric }) => !ok && ofExpectations.test(metric));
}

/** Whether steps that could not be played failed the run, by a threshold on them. */
export function failsBySteps({ thresholds }: RunResult): boolean {
  return thresholds.some(({ ok, metric }) => !ok && ofSteps.test(metric));
}

/** How often steps could not be played, when no threshold says how often that may be. */
function ungatedSteps({ thresholds, totals }: RunResult): number {
  if (thresholds.some(({ metric }) => ofSteps.test(metric))) return 0;
  return totalOf({ totals }, "ws_step_failed");
}

/** How many expectations were not met, when no threshold says how many may be. */
function ungated({ thresholds, expectations }: RunResult): number {
  if (thresholds.some(({ metric }) => ofExpectations.test(metric))) return 0;
  return expectations.reduce((sum, { failed }) => sum + failed, 0);
}
