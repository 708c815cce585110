/** Owns taking one figure out of merged measurements: of a run, of a scenario, of a stage. */
import { metricOf, type Metric } from "./catalogue.js";
import { selects, type MetricSelector } from "./metric-selector.js";
import { boundIn, holds, type Aggregate, type AggregateName, type Threshold } from "./threshold.js";
import type { Trend } from "./trend.js";

/** What was measured of a run or of a part of it, all workers together. */
export interface Measured {
  /** Counters summed, gauges at their highest reading, by series key. */
  readonly totals: Readonly<Record<string, number>>;
  /** Milliseconds it lasted: the base of rates. */
  readonly span: number;
  /** The merged distribution of every series that passes; undefined when there is none. */
  trend(passes: (key: string) => boolean): Trend | undefined;
}

/** What was measured of a run, as a whole and in parts. */
export interface MeasuredRun extends Measured {
  scenario(name: string): Measured | undefined;
  stage(name: string): Measured | undefined;
}

/**
 * One figure of a metric, in its unit. Of a counter no occurrence is 0; of anything else undefined
 * says that there is no value.
 */
export function measure(
  selector: MetricSelector,
  aggregate: Aggregate,
  run: MeasuredRun,
): number | undefined {
  const metric = metricOf(selector.metric);
  if (!metric) return undefined;
  const { part, rest } = partOf(selector, run);
  return figures[metric.kind](part, rest, aggregate);
}

/** How a figure is taken of each kind of metric. */
const figures: Readonly<
  Record<
    Metric["kind"],
    (part: Measured, selector: MetricSelector, aggregate: Aggregate) => number | undefined
  >
> = {
  counter: (part, selector, { name }) => {
    const count = sumOf(part, selector) ?? 0;
    if (name === "count") return count;
    return part.span > 0 ? (count * 1000) / part.span : undefined;
  },
  gauge: sumOf,
  rate: (part, selector) => {
    const counted = (result: string): number =>
      sumOf(part, { ...selector, tags: { ...selector.tags, result } }) ?? 0;
    const all = counted("pass") + counted("fail");
    return all > 0 ? counted("pass") / all : undefined;
  },
  trend: (part, selector, aggregate) =>
    ofTrend(
      aggregate,
      part.trend((key) => selects(selector, key)),
    ),
};

/** What all the selected series come to together. */
function sumOf({ totals }: Measured, selector: MetricSelector): number | undefined {
  let sum: number | undefined;
  for (const key of Object.keys(totals)) {
    if (selects(selector, key)) sum = (sum ?? 0) + totals[key]!;
  }
  return sum;
}

function ofTrend({ name, percentile }: Aggregate, trend: Trend | undefined): number | undefined {
  if (name === "count") return trend?.count ?? 0;
  if (!trend || trend.count === 0) return undefined;
  if (name === "avg") return trend.mean;
  const percents: Partial<Record<AggregateName, number>> = { min: 0, med: 50, max: 100 };
  const percent = percentile ?? percents[name];
  return percent === undefined ? undefined : trend.percentile(percent);
}

/** Whether a metric that was measured as `actual` keeps to the threshold; without a value never. */
export function passes(
  { metric }: MetricSelector,
  { aggregate, bound, operator }: Threshold,
  actual: number | undefined,
): boolean {
  const known = metricOf(metric);
  if (!known || actual === undefined) return false;
  return holds(actual, operator, boundIn(bound, aggregate, known));
}

const nothing: Measured = { totals: {}, span: 0, trend: () => undefined };

/** The part of the run that the tags name, and the tags that are left to be looked for there. */
function partOf(
  selector: MetricSelector,
  run: MeasuredRun,
): { part: Measured; rest: MetricSelector } {
  const { scenario, stage, ...tags } = selector.tags;
  const rest = { ...selector, tags };
  if (stage !== undefined) return { part: run.stage(stage) ?? nothing, rest };
  if (scenario === undefined) return { part: run, rest };
  const part = run.scenario(scenario);
  const isThere =
    part !== undefined &&
    (Object.keys(part.totals).some((key) => selects(rest, key)) ||
      part.trend((key) => selects(rest, key)) !== undefined);
  // What is counted for the whole run may bear the scenario's name as a tag of its own.
  return isThere ? { part, rest } : { part: run, rest: selector };
}
