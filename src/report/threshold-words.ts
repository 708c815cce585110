/** Owns what is said of a threshold: what was measured, and by how much it was missed. */
import { messageOf } from "../base/errors.js";
import { safeLine } from "../base/safe-text.js";
import { metricOf } from "../metrics/catalogue.js";
import { parseMetricSelector } from "../metrics/metric-selector.js";
import type { ThresholdResult } from "../metrics/run-result.js";
import { boundIn, parseThreshold } from "../metrics/threshold.js";
import { formatFigure, formatPoints } from "./figure.js";

/** No threshold of ours is longer. */
const longest = 1000;

/** A threshold in words. All of them are harmless, and one line. */
export interface ThresholdWords {
  /** As `--threshold` takes it: `ws_msg_rtt{scenario:chat}: p(99)<200`. */
  readonly name: string;
  /** `312 ms`, or that there was no value. */
  readonly actual: string;
  /** `112 ms over`; undefined when it held, or there is nothing to say. */
  readonly missedBy: string | undefined;
}

/** Puts a threshold's result into words; a stored one need not be sound. */
export function thresholdWords(result: ThresholdResult): ThresholdWords {
  const name = safeLine(`${result.metric}: ${result.expression}`, longest);
  if (result.actual === undefined) {
    return { name, actual: "no value was measured", missedBy: undefined };
  }
  try {
    return { name, ...compared(result, result.actual) };
  } catch (error) {
    return { name, actual: String(result.actual), missedBy: safeLine(messageOf(error)) };
  }
}

/** How a threshold fared in a few words: `312 ms (112 ms over), it ended the run`. */
export function thresholdSentence(result: ThresholdResult): string {
  const { actual, missedBy } = thresholdWords(result);
  return `${actual}${missedBy ? ` (${missedBy})` : ""}${result.aborted ? ", it ended the run" : ""}`;
}

function compared({ metric, expression, ok }: ThresholdResult, actual: number) {
  const selector = parseMetricSelector(metric);
  const { aggregate, operator, bound } = parseThreshold(expression);
  const said = formatFigure(actual, selector.metric, aggregate);
  const known = metricOf(selector.metric);
  if (ok || !known) return { actual: said, missedBy: undefined };
  const limit = boundIn(bound, aggregate, known);
  const by = Math.abs(actual - limit);
  // That of what should not be there all is too much needs no words.
  if (limit === 0 || operator === "!=") return { actual: said, missedBy: undefined };
  if (by === 0) return { actual: said, missedBy: "just at it" };
  // Of shares the difference is in points, as a share of a share confuses.
  const amount =
    known.unit === "share" ? formatPoints(by) : formatFigure(by, selector.metric, aggregate);
  return { actual: said, missedBy: `${amount} ${actual > limit ? "over" : "under"}` };
}
