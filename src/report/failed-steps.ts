/** Owns the list of steps on which something went wrong: expectations not met, steps that failed. */
import { cleanTag, parseSeriesKey } from "../metrics/catalogue.js";
import type { RunError, RunResult } from "../metrics/run-result.js";

/** A step, and how often it went wrong. */
export interface FailedStep {
  readonly scenario: string;
  readonly step: string;
  readonly failed: number;
  /** Of how many expectations; undefined of a step that failed in another way. */
  readonly of: number | undefined;
  /** What one of the failures was; undefined where it is not known. */
  readonly example: string | undefined;
}

/** Steps with expectations that were not met, then those that could not be played. */
export function failedSteps({ expectations, totals, errors }: RunResult): FailedStep[] {
  const unmet = expectations
    .filter(({ failed }) => failed > 0)
    .map(({ scenario, step, passed, failed, example }) => {
      return { scenario, step, failed, of: passed + failed, example };
    });
  const examples = new Map(errors.map(({ what, example }) => [cleaned(what), example]));
  const failed = Object.entries(totals).flatMap(([key, count]) => {
    const where = stepOf(key);
    if (where === undefined || !(count > 0)) return [];
    const example = examples.get(errorOf(where));
    return [{ ...where, failed: count, of: undefined, example }];
  });
  return [...unmet, ...failed];
}

/** What the account of deliveries tells with more than one example. */
const ofDeliveries = /^(?:stamped|numbered) messages? (?:lost|came twice|out of order)$/;

/** The errors that are told of neither as failed steps nor as deliveries. */
export function otherErrors({ errors, totals, delivery }: RunResult): RunError[] {
  const told = new Set(Object.keys(totals).map((key) => errorOf(stepOf(key))));
  const hasExamples = delivery !== undefined && delivery.examples.length > 0;
  return errors.filter(
    ({ what }) => !told.has(cleaned(what)) && !(hasExamples && ofDeliveries.test(what)),
  );
}

/** The step that a series of `ws_step_failed` is of. */
function stepOf(key: string): Pick<FailedStep, "scenario" | "step"> | undefined {
  const { name, tags } = parseSeriesKey(key);
  if (name !== "ws_step_failed") return undefined;
  return { scenario: tags["scenario"] ?? "", step: tags["step"] ?? "other steps" };
}

/** What the error of such a step is called. */
function errorOf(where: Pick<FailedStep, "scenario" | "step"> | undefined): string {
  return where ? `step failed: ${where.scenario} ${where.step}` : "";
}

/** An error's name as its parts stand in tags. */
function cleaned(what: string): string {
  return what.split(" ").map(cleanTag).join(" ");
}
