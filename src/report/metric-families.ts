/** Owns how figures of a run become families of Prometheus: names and tags stay as they are. */
import { metricOf, parseSeriesKey } from "../metrics/catalogue.js";
import type { TrendSummary } from "../metrics/trend.js";
import type { Family, Sample } from "./exposition.js";

/** What is known of a distribution; the mean only of a whole run's. */
export type Quantiles = Pick<TrendSummary, "count"> & Partial<TrendSummary>;

const quantiles = [
  ["0.5", "p50"],
  ["0.9", "p90"],
  ["0.95", "p95"],
  ["0.99", "p99"],
  ["0.999", "p999"],
  ["1", "max"],
] as const;

/** Gathers samples by name, so that each name is told of once. */
export class FamilyBook {
  readonly #prefix: string;
  readonly #families = new Map<string, Family & { samples: Sample[] }>();

  constructor(prefix = "") {
    this.#prefix = prefix;
  }

  /** The families, in the order in which they were first added to. */
  families(): Family[] {
    return [...this.#families.values()];
  }

  /** A counter's or a gauge's value; `labels` are added to the series' own tags. */
  add(key: string, value: number, labels: Readonly<Record<string, string>> = {}): void {
    const { name, tags } = parseSeriesKey(key);
    const kind = metricOf(name)?.kind;
    const type = kind === "gauge" ? "gauge" : "counter";
    this.#of(name, kind ? type : "untyped").push({ labels: { ...tags, ...labels }, value });
  }

  /** A distribution. */
  summarize(key: string, trend: Quantiles, labels: Readonly<Record<string, string>> = {}): void {
    const { name, tags } = parseSeriesKey(key);
    const samples = this.#of(name, "summary");
    const all = { ...tags, ...labels };
    for (const [quantile, figure] of quantiles) {
      const value = trend[figure];
      if (value !== undefined) samples.push({ labels: { ...all, quantile }, value });
    }
    if (trend.mean !== undefined) {
      samples.push({ suffix: "_sum", labels: all, value: trend.mean * trend.count });
    }
    samples.push({ suffix: "_count", labels: all, value: trend.count });
  }

  #of(name: string, type: Family["type"]): Sample[] {
    let family = this.#families.get(name);
    if (!family) {
      const metric = metricOf(name);
      const help = metric
        ? `${metric.help} (${metric.unit})`
        : "not known to this version of wsctl";
      family = { name: `${this.#prefix}${name}`, type, help, samples: [] };
      this.#families.set(name, family);
    }
    return family.samples;
  }
}
