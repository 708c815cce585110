/** Owns taking one figure out of merged measurements: of a run, of a scenario, of a stage. */
import { metricOf, type Metric, type MetricName } from "./catalogue.js";
import { selects, type MetricSelector } from "./metric-selector.js";
import { boundIn, holds, type Aggregate, type AggregateName, type Threshold } from "./threshold.js";
import { Trend } from "./trend.js";

/** What was measured of a run or of a part of it, all workers together. */
export interface Measured {
  /** Counters summed, gauges at their highest reading, by series key. */
  readonly totals: Readonly<Record<string, number>>;
  /** Of the counters, what fell within the traffic, as far as is known: what rates are made of. */
  readonly inTraffic: Readonly<Record<string, number>>;
  /** Milliseconds of traffic: the base of rates. */
  readonly span: number;
  /** The merged distribution of every series that passes; undefined when there is none. */
  trend(passes: (key: string) => boolean): Trend | undefined;
}

/** What was measured of a run, as a whole and in parts. */
export interface MeasuredRun extends Measured {
  /** Whether the run has parts that are told apart; without any, each part is the whole. */
  readonly hasParts: boolean;
  /** All of that name, which is as clean as tags are, together; undefined when there is none. */
  scenario(name: string): Measured | undefined;
  stage(name: string): Measured | undefined;
  /** Undefined where users are all alike, too. */
  profile(name: string): Measured | undefined;
}

/** Several parts as one; undefined of none. They lasted as long as all of them together. */
export function together(parts: readonly Measured[]): Measured | undefined {
  if (parts.length <= 1) return parts[0];
  return {
    totals: added(parts.map(({ totals }) => totals)),
    inTraffic: added(parts.map(({ inTraffic }) => inTraffic)),
    span: parts.reduce((sum, { span }) => sum + span, 0),
    trend: (wanted) => {
      const trends = parts.flatMap((part) => part.trend(wanted) ?? []);
      if (trends.length <= 1) return trends[0];
      const merged = new Trend();
      for (const trend of trends) merged.addTrend(trend);
      return merged;
    },
  };
}

function added(all: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sums = new Map<string, number>();
  for (const [key, value] of all.flatMap((one) => Object.entries(one))) {
    sums.set(key, (sums.get(key) ?? 0) + value);
  }
  return Object.fromEntries(sums);
}

/**
 * One figure of a metric, in its unit. Of a counter no occurrence is 0, unless nobody looked for
 * one; undefined says that there is no value, as in a part that the run does not have.
 */
export function measure(
  selector: MetricSelector,
  aggregate: Aggregate,
  run: MeasuredRun,
): number | undefined {
  const metric = metricOf(selector.metric);
  if (!metric) return undefined;
  const found = partOf(selector, run);
  if (!found || !isWatched(selector, run)) return undefined;
  return figures[metric.kind](found.part, found.rest, aggregate);
}

/** What only stamps, or numbers of the service, can tell that came. */
const toldByLedger: ReadonlySet<string> = new Set<MetricName>([
  "ws_msg_lost",
  "ws_msg_missing",
  "ws_msg_duplicate",
  "ws_msg_reordered",
  "ws_msg_corrupt",
  "ws_seq_gap",
]);

/**
 * Of a stream that nobody has seen anything of, that nothing is missing from it says nothing; nor
 * does it where some were too many to be followed.
 */
function isWatched({ metric, tags }: MetricSelector, run: MeasuredRun): boolean {
  if (ofBroadcasts.has(metric)) return areFollowed(tags["scenario"], run);
  if (!toldByLedger.has(metric)) return true;
  // Others may have sent what a scenario's users received; what one stage sent may come in the next.
  const { scenario, profile } = tags;
  let receivers: Measured | undefined = run;
  if (run.hasParts && scenario !== undefined) receivers = run.scenario(scenario);
  else if (run.hasParts && profile !== undefined) receivers = run.profile(profile);
  if (receivers === undefined || countOf(receivers, "ws_msg_unfollowed") > 0) return false;
  const isStamped = countOf(run, "ws_msg_stamped") > 0;
  // The numbers of a service have no checksum.
  if (metric === "ws_msg_corrupt" && !isStamped) return false;
  if (countOf(receivers, "ws_msg_delivered") > 0) return true;
  // What did happen was seen: who is to hear itself and heard nothing knows that all of it is lost.
  return isStamped && countOf(receivers, metric) > 0;
}

/** Of what every broadcast came to, those that were followed are no measure of the others. */
const ofBroadcasts: ReadonlySet<string> = new Set<MetricName>([
  "ws_fanout_first",
  "ws_fanout_median",
  "ws_fanout_last",
  "ws_fanout_spread",
  "ws_fanout_coverage",
]);

/** Whether all broadcasts of a scenario's senders, or of everybody, were followed. */
function areFollowed(scenario: string | undefined, run: MeasuredRun): boolean {
  const senders = run.hasParts && scenario !== undefined ? run.scenario(scenario) : run;
  return senders === undefined || countOf(senders, "ws_fanout_unfollowed") === 0;
}

function countOf(part: Measured, metric: string): number {
  return sumOf(part.totals, { metric, tags: {} }) ?? 0;
}

/** How a figure is taken of each kind of metric. */
const figures: Readonly<
  Record<
    Metric["kind"],
    (part: Measured, selector: MetricSelector, aggregate: Aggregate) => number | undefined
  >
> = {
  counter: ({ totals, inTraffic, span }, selector, { name }) => {
    if (name === "count") return sumOf(totals, selector) ?? 0;
    return span > 0 ? ((sumOf(inTraffic, selector) ?? 0) * 1000) / span : undefined;
  },
  gauge: ({ totals }, selector) => sumOf(totals, selector),
  rate: ({ totals }, selector) => {
    const counted = (result: string): number =>
      sumOf(totals, { ...selector, tags: { ...selector.tags, result } }) ?? 0;
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
function sumOf(
  counts: Readonly<Record<string, number>>,
  selector: MetricSelector,
): number | undefined {
  let sum: number | undefined;
  for (const key of Object.keys(counts)) {
    if (selects(selector, key)) sum = (sum ?? 0) + counts[key]!;
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

/**
 * The part of the run that the tags name, and the tags that are left to be looked for there;
 * undefined when the run has no such part.
 */
function partOf(
  selector: MetricSelector,
  run: MeasuredRun,
): { part: Measured; rest: MetricSelector } | undefined {
  const { scenario, stage, profile, ...tags } = selector.tags;
  const rest = { ...selector, tags };
  const isWhole = scenario === undefined && stage === undefined && profile === undefined;
  // Of one kind of load nothing is told apart: it is all of that scenario, in that stage.
  if (!run.hasParts || isWhole) return { part: run, rest };
  if (stage !== undefined || profile !== undefined) {
    const part = stage === undefined ? run.profile(profile!) : run.stage(stage);
    return part && { part, rest };
  }
  const part = scenario === undefined ? undefined : run.scenario(scenario);
  if (!part) return undefined;
  const isThere =
    Object.keys(part.totals).some((key) => selects(rest, key)) ||
    part.trend((key) => selects(rest, key)) !== undefined;
  // What is counted for the whole run may bear the scenario's name as a tag of its own.
  return isThere ? { part, rest } : { part: run, rest: selector };
}
