/** Owns the sums of a run or of a part of it: counters and distributions, added up as they come. */
import { SeriesLimit } from "./series-limit.js";
import { Trend, type TrendSummary } from "./trend.js";

/** So many series of counters are told apart in one sum. */
const mostSeries = 20_000;

/** Adds up. */
export class Tally {
  readonly #limit: SeriesLimit;
  readonly #counters = new Map<string, number>();
  readonly #trends = new Map<string, Trend>();
  readonly #newTrend: () => Trend | undefined;

  /** @param newTrend a distribution is some 190 kB: without one, values are not kept */
  constructor(most = mostSeries, newTrend: () => Trend | undefined = () => new Trend()) {
    this.#limit = new SeriesLimit(most);
    this.#newTrend = newTrend;
  }

  /** Whether counters of too many series were put together by metric. */
  get isFull(): boolean {
    return this.#limit.isFull;
  }

  count(key: string, by: number): void {
    const admitted = this.#limit.admit(key);
    this.#counters.set(admitted, (this.#counters.get(admitted) ?? 0) + by);
  }

  addTrend(key: string, values: Trend): void {
    let trend = this.#trends.get(key);
    if (!trend) {
      trend = this.#newTrend();
      if (!trend) return;
      this.#trends.set(key, trend);
    }
    trend.addTrend(values);
  }

  /** The counters, in the order in which they first came. */
  totals(): Record<string, number> {
    return Object.fromEntries(this.#counters);
  }

  /** One series. */
  trend(key: string): Trend | undefined {
    return this.#trends.get(key);
  }

  /** The merged distribution of every series that passes; undefined when there is none. */
  trendOf(passes: (key: string) => boolean): Trend | undefined {
    const found = [...this.#trends].flatMap(([key, trend]) => (passes(key) ? [trend] : []));
    if (found.length <= 1) return found[0];
    const merged = new Trend();
    for (const trend of found) merged.addTrend(trend);
    return merged;
  }

  trends(): ReadonlyMap<string, Trend> {
    return this.#trends;
  }

  summaries(): Record<string, TrendSummary> {
    return Object.fromEntries([...this.#trends].map(([key, trend]) => [key, trend.summary()]));
  }
}
