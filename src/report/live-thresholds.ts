/** Owns the lines of the live panel that say how thresholds fare so far, the most endangered first. */
import { metricOf } from "../metrics/catalogue.js";
import { parseMetricSelector } from "../metrics/metric-selector.js";
import type { ThresholdResult } from "../metrics/run-result.js";
import { boundIn, parseThreshold } from "../metrics/threshold.js";
import type { Ink } from "./ink.js";
import { thresholdWords } from "./threshold-words.js";

const most = 3;

/** A few lines; none without thresholds. */
export function thresholdLines(results: readonly ThresholdResult[], { chalk }: Ink): string[] {
  const ordered = results
    .map((result) => ({ result, danger: dangerOf(result) }))
    .toSorted((a, b) => b.danger - a.danger)
    .map(({ result }) => result);
  const shown = ordered.slice(0, most);
  const words = shown.map((result) => thresholdWords(result));
  const width = Math.min(44, Math.max(0, ...words.map(({ name }) => name.length)));
  const lines = shown.map((result, index) => {
    const { name, actual, missedBy } = words[index]!;
    const padded = name.padEnd(width);
    if (result.actual === undefined) return chalk.dim(`· ${padded}  no value yet`);
    if (isGrowing(result)) return chalk.dim(`· ${padded}  ${actual} so far`);
    if (result.ok) {
      return `${chalk.green("✓")} ${padded}  ${actual}${lags(result) ? " so far" : ""}`;
    }
    return `${chalk.red("✗")} ${padded}  ${chalk.red(missedBy ? `${actual} (${missedBy})` : actual)}`;
  });
  const rest = ordered.slice(most);
  if (rest.length === 0) return lines;
  const failing = rest.filter(
    (one) => !one.ok && one.actual !== undefined && !isGrowing(one),
  ).length;
  return [...lines, chalk.dim(`+${rest.length} more${failing > 0 ? `, ${failing} failing` : ""}`)];
}

/** From 2 up of those that fail, below 1 of those that hold, less than all of those without a value. */
function dangerOf(result: ThresholdResult): number {
  if (result.actual === undefined) return -1;
  if (isGrowing(result)) return 0;
  const away = distance(result, result.actual);
  return result.ok ? 1 / (1 + away) : 2 + Math.min(away, 1e9);
}

/** Whether more of it may have happened than is known: a gap may be filled for a while, or noticed late. */
function lags({ metric }: ThresholdResult): boolean {
  return /^ws_msg_(?:lost|missing)(?:\{|$)/.test(metric);
}

/** Whether it asks for so many, and there are not so many yet. */
function isGrowing({ ok, expression }: ThresholdResult): boolean {
  return !ok && /^\s*count\s*>/.test(expression);
}

/** How far the figure is from its bound, as a share of that. */
function distance({ metric, expression }: ThresholdResult, actual: number): number {
  try {
    const { aggregate, bound } = parseThreshold(expression);
    const known = metricOf(parseMetricSelector(metric).metric);
    const limit = known ? boundIn(bound, aggregate, known) : 0;
    // One that says that there be none is as far from failing as it can be, until there is one.
    if (limit === 0) return actual === 0 ? 1 : Math.abs(actual);
    return Math.abs(actual - limit) / limit;
  } catch {
    return 1;
  }
}
