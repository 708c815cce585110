/**
 * Owns merging: snapshots of any number of shards, in any order, become totals, trends and a time
 * series. Counters add, histograms add, each gauge follows the rule of its metric.
 */
import { catalogue, parseSeriesKey, type Metric } from "./catalogue.js";
import type { Snapshot } from "./snapshot.js";
import { Trend, type TrendBrief, type TrendSummary } from "./trend.js";

/** What all shards together measured in one second. */
export interface Interval {
  readonly second: number;
  /** Its length in ms, the longest of the shards': what counters are to be divided by for a rate. */
  readonly span: number;
  readonly counters: Readonly<Record<string, number>>;
  readonly gauges: Readonly<Record<string, number>>;
  /** Median and tail per trend, in ms; the whole histograms exist only for the run. */
  readonly trends: Readonly<Record<string, TrendBrief>>;
}

/** A counter of an interval as a rate. */
export function perSecond({ counters, span }: Interval, key: string): number {
  return span > 0 ? ((counters[key] ?? 0) * 1000) / span : 0;
}

/** One second while its snapshots are still coming in. */
interface Bucket {
  span: number;
  readonly counters: Record<string, number>;
  readonly gauges: Record<string, number>;
  readonly trends: Map<string, Trend>;
}

function gaugeRule(key: string): Metric["merge"] {
  const metrics: Readonly<Record<string, Metric>> = catalogue;
  const { name } = parseSeriesKey(key);
  return Object.hasOwn(metrics, name) ? metrics[name]!.merge : undefined;
}

function mergeGauge(key: string, before: number | undefined, value: number): number {
  if (before === undefined) return value;
  const rule = gaugeRule(key);
  if (rule === "sum") return before + value;
  return rule === "max" ? Math.max(before, value) : value;
}

/** Merges snapshots into what a run came to. */
export class Accumulator {
  readonly #totals: Record<string, number> = Object.create(null) as Record<string, number>;
  readonly #peaks: Record<string, number> = Object.create(null) as Record<string, number>;
  readonly #trends = new Map<string, Trend>();
  readonly #open = new Map<number, Bucket>();
  readonly #series: Interval[] = [];

  /** Adds one shard's interval. */
  add(snapshot: Snapshot): void {
    const bucket = this.#bucket(snapshot.second);
    bucket.span = Math.max(bucket.span, snapshot.span);
    for (const [key, value] of Object.entries(snapshot.counters)) {
      this.#totals[key] = (this.#totals[key] ?? 0) + value;
      bucket.counters[key] = (bucket.counters[key] ?? 0) + value;
    }
    for (const [key, value] of Object.entries(snapshot.gauges)) {
      bucket.gauges[key] = mergeGauge(key, bucket.gauges[key], value);
    }
    for (const [key, encoded] of Object.entries(snapshot.trends)) {
      const trend = Trend.decode(encoded);
      trendIn(this.#trends, key).addTrend(trend);
      trendIn(bucket.trends, key).addTrend(trend);
    }
  }

  /** Closes every second up to and including `second`; returns them, oldest first. */
  settle(second: number): Interval[] {
    const due = [...this.#open.keys()].filter((key) => key <= second).toSorted((a, b) => a - b);
    return due.map((key) => {
      const bucket = this.#open.get(key)!;
      this.#open.delete(key);
      const interval: Interval = {
        second: key,
        span: bucket.span,
        counters: bucket.counters,
        gauges: bucket.gauges,
        trends: Object.fromEntries([...bucket.trends].map(([name, t]) => [name, t.brief()])),
      };
      for (const [name, value] of Object.entries(bucket.gauges)) {
        this.#peaks[name] = Math.max(this.#peaks[name] ?? -Infinity, value);
      }
      this.#series.push(interval);
      return interval;
    });
  }

  /** Counters summed over the run so far. */
  totals(): Record<string, number> {
    return { ...this.#totals };
  }

  /** The highest reading of each gauge over the settled seconds. */
  peaks(): Record<string, number> {
    return { ...this.#peaks };
  }

  /** The merged distribution of one series, if any value was recorded. */
  trend(key: string): Trend | undefined {
    return this.#trends.get(key);
  }

  /** Every trend of the run. */
  trends(): Record<string, TrendSummary> {
    return Object.fromEntries([...this.#trends].map(([key, trend]) => [key, trend.summary()]));
  }

  /** The settled seconds, oldest first. */
  series(): readonly Interval[] {
    return this.#series;
  }

  #bucket(second: number): Bucket {
    let bucket = this.#open.get(second);
    if (!bucket) {
      bucket = { span: 0, counters: {}, gauges: {}, trends: new Map() };
      this.#open.set(second, bucket);
    }
    return bucket;
  }
}

function trendIn(trends: Map<string, Trend>, key: string): Trend {
  let trend = trends.get(key);
  if (!trend) {
    trend = new Trend();
    trends.set(key, trend);
  }
  return trend;
}
