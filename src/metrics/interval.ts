/** Owns the Interval: what all shards together measured in one second of a run, as plain data. */
import type { TrendBrief } from "./trend.js";

/** One second. */
export interface Interval {
  readonly second: number;
  /** Its length in ms, the longest of the shards': what counters are to be divided by for a rate. */
  readonly span: number;
  /** Whether all that was told of it is of the warm-up, by the times of which nothing is judged. */
  readonly isWarmup?: boolean | undefined;
  readonly counters: Readonly<Record<string, number>>;
  readonly gauges: Readonly<Record<string, number>>;
  /** Median and tail per trend, in ms; the whole histograms exist only for the run. */
  readonly trends: Readonly<Record<string, TrendBrief>>;
}

/** A counter of an interval as a rate. */
export function perSecond({ counters, span }: Interval, key: string): number {
  return span > 0 ? ((counters[key] ?? 0) * 1000) / span : 0;
}
