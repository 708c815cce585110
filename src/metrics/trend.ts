/**
 * Owns the Trend: a mergeable distribution of times, kept as an HDR histogram. The only place where
 * percentiles are computed, and always on merged data.
 */
import {
  decodeFromCompressedBase64,
  encodeIntoCompressedBase64,
  Float64Histogram,
} from "hdr-histogram-js";
import { bucketCount, bucketOf, highestMicros, lowestOf, significantDigits } from "./layout.js";

/** What a trend comes to. Times in milliseconds; 0 everywhere when nothing was recorded. */
export interface TrendSummary {
  readonly count: number;
  readonly min: number;
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
  readonly p95: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
  /** The whole histogram, HDR V2 compressed, base64; unit 1 µs. */
  readonly hdr: string;
}

/** The few figures of a trend that a time series carries. */
export type TrendBrief = Pick<TrendSummary, "count" | "p50" | "p99" | "max">;

/** Buckets of a distribution for drawing: from (inclusive) to (exclusive), in ms, and how many. */
export interface TrendBin {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** A distribution of times. */
export class Trend {
  // 64-bit counts: a run of 12 hours at full speed overflows 32.
  readonly #histogram: Float64Histogram;

  constructor(histogram = new Float64Histogram(1, highestMicros, significantDigits)) {
    this.#histogram = histogram;
  }

  /**
   * A trend from its encoded form.
   * @throws Error when it is no HDR histogram
   */
  static decode(encoded: string): Trend {
    // With 64-bit buckets and no WebAssembly the library decodes into exactly this class.
    return new Trend(decodeFromCompressedBase64(encoded, 64, false) as Float64Histogram);
  }

  get count(): number {
    return this.#histogram.totalCount;
  }

  /** The mean of all values, in ms; 0 when there is none. */
  get mean(): number {
    return this.count === 0 ? 0 : this.#histogram.mean / 1000;
  }

  /** Counts `times` values of `micros` microseconds. */
  add(micros: number, times = 1): void {
    this.#histogram.recordValueWithCount(micros, times);
  }

  /** Adds all values of another trend. */
  addTrend(other: Trend): void {
    this.#histogram.add(other.#histogram);
  }

  /** Forgets all values. */
  reset(): void {
    this.#histogram.reset();
  }

  /** The HDR V2 compressed form in base64: equal values give equal bytes, however they came in. */
  encode(): string {
    return encodeIntoCompressedBase64(this.#histogram);
  }

  /** The value, in ms, at or below which the given percentage of all values lies. */
  percentile(percent: number): number {
    return this.count === 0 ? 0 : this.#histogram.getValueAtPercentile(percent) / 1000;
  }

  /** What a time series keeps of an interval. */
  brief(): TrendBrief {
    return {
      count: this.count,
      p50: this.percentile(50),
      p99: this.percentile(99),
      max: this.percentile(100),
    };
  }

  /** Every figure of the run's report, and the histogram itself. */
  summary(): TrendSummary {
    return { ...this.figures(), hdr: this.encode() };
  }

  /** Every figure of the run's report. */
  figures(): Omit<TrendSummary, "hdr"> {
    return {
      ...this.brief(),
      min: this.percentile(0),
      mean: this.mean,
      p90: this.percentile(90),
      p95: this.percentile(95),
      p999: this.percentile(99.9),
    };
  }

  /**
   * The distribution as HdrHistogram writes it, values in ms: value, percentile as a share, count
   * so far, 1 ÷ (1 − percentile).
   */
  percentileDistribution(): string {
    return this.#histogram.outputPercentileDistribution(5, 1000);
  }

  /**
   * The distribution cut into at most `count` bins of equal ratio from the lowest value to the
   * highest, for drawing. Empty when nothing was recorded.
   */
  bins(count: number): TrendBin[] {
    const [lowest, highest] = this.#range();
    const ratio = (highest / lowest) ** (1 / count);
    const edges = Array.from({ length: count + 1 }, (_, i) => lowest * ratio ** i);
    return this.#between(edges, (value) => Math.log(value / lowest) / Math.log(ratio));
  }

  /** The same with bins of equal width: for times that are drawn evenly from a range. */
  evenBins(count: number): TrendBin[] {
    const [lowest, highest] = this.#range();
    const width = (highest - lowest) / count;
    const edges = Array.from({ length: count + 1 }, (_, i) => lowest + width * i);
    return this.#between(edges, (value) => (value - lowest) / width);
  }

  /** From which µs to which there are values; 1 µs wide at least. */
  #range(): [lowest: number, highest: number] {
    const lowest = Math.max(1, this.percentile(0) * 1000);
    return [lowest, Math.max(lowest + 1, this.percentile(100) * 1000 + 1)];
  }

  /** @param place in which bin a value lies */
  #between(edges: readonly number[], place: (value: number) => number): TrendBin[] {
    if (this.count === 0) return [];
    const [lowest, highest] = [edges[0]!, edges.at(-1)!];
    const counts = edges.slice(1).map(() => 0);
    const last = bucketOf(Math.min(highestMicros, Math.ceil(highest)));
    for (let bucket = 0; bucket <= last && bucket < bucketCount; bucket++) {
      const here = this.#histogram.getCountAtIndex(bucket);
      if (here === 0) continue;
      const position = place(Math.max(lowest, lowestOf(bucket)));
      const bin = Math.min(counts.length - 1, Math.floor(position));
      counts[bin] = counts[bin]! + here;
    }
    return counts.map((here, i) => ({
      from: edges[i]! / 1000,
      to: edges[i + 1]! / 1000,
      count: here,
    }));
  }
}
