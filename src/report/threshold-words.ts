/** Owns what is said of a threshold: what was measured, and by how much it was missed. */
import { messageOf } from "../base/errors.js";
import { safeLine } from "../base/safe-text.js";
import { metricOf } from "../metrics/catalogue.js";
import { parseMetricSelector } from "../metrics/metric-selector.js";
import type { ThresholdResult } from "../metrics/run-result.js";
import { boundIn, parseThreshold } from "../metrics/threshold.js";
import { formatFigure, formatShare } from "./figure.js";

/** A threshold in words. All of them are harmless, and one line. */
export interface ThresholdWords {
  /** `ws_msg_rtt{scenario:chat} p(99)<200` */
  readonly name: string;
  /** `312 ms`, or that there was no value. */
  readonly actual: string;
  /** `112 ms (56 %) too high`; undefined when it held, or there is nothing to say. */
  readonly missedBy: string | undefined;
}

/** Puts a threshold's result into words; a stored one need not be sound. */
export function thresholdWords(result: ThresholdResult): ThresholdWords {
  const name = safeLine(`${result.metric} ${result.expression}`);
  if (result.actual === undefined) {
    return { name, actual: "no value was measured", missedBy: undefined };
  }
  try {
    return { name, ...compared(result, result.actual) };
  } catch (error) {
    return { name, actual: String(result.actual), missedBy: safeLine(messageOf(error)) };
  }
}

/** A failed threshold in one sentence. */
export function failureSentence(result: ThresholdResult): string {
  const { actual, missedBy } = thresholdWords(result);
  return [actual, missedBy, result.aborted && "it ended the run"].filter(Boolean).join(", ");
}

function compared({ metric, expression, ok }: ThresholdResult, actual: number) {
  const selector = parseMetricSelector(metric);
  const { aggregate, operator, bound } = parseThreshold(expression);
  const said = formatFigure(actual, selector.metric, aggregate);
  const known = metricOf(selector.metric);
  if (ok || !known) return { actual: said, missedBy: undefined };
  const limit = boundIn(bound, aggregate, known);
  const by = Math.abs(actual - limit);
  if (by === 0 || operator === "!=") return { actual: said, missedBy: undefined };
  // Of a bound near nothing, everything is many times too much.
  const relative =
    limit > 0 && by <= limit * 10 ? ` (${formatShare(Number((by / limit).toPrecision(2)))})` : "";
  const word = actual > limit ? "too high" : "too low";
  // Of shares the difference is in points, and a share of a share confuses.
  const isShare = known.unit === "share";
  const amount = isShare
    ? `${Number((by * 100).toPrecision(2))} points`
    : `${formatFigure(by, selector.metric, aggregate)}${relative}`;
  return { actual: said, missedBy: `${amount} ${word}` };
}
