/** Owns the course of a run as Prometheus scrapes it: the figures up to the last settled second. */
import type { Interval } from "../metrics/interval.js";
import type { Output, RunPhase, RunStart } from "../metrics/output.js";
import type { RunResult } from "../metrics/run-result.js";
import { SeriesLimit } from "../metrics/series-limit.js";
import type { TrendBrief } from "../metrics/trend.js";
import { exposition, type Family } from "./exposition.js";
import { FamilyBook } from "./metric-families.js";
import { prometheusReport } from "./prometheus.js";

/** So many series of counters are told apart on the page. */
const mostSeries = 10_000;
const phases: readonly RunPhase[] = ["opening", "warm-up", "traffic", "draining"];

/** A page of metrics; whoever serves it asks for it by `render`. */
export class PrometheusPage implements Output {
  readonly #limit = new SeriesLimit(mostSeries);
  readonly #counters = new Map<string, number>();
  /** Values recorded so far; the quantiles are those of the last second. */
  readonly #recorded = new Map<string, number>();
  #gauges: Readonly<Record<string, number>> = {};
  #trends: Readonly<Record<string, TrendBrief>> = {};
  #run: RunStart | undefined;
  #phase: RunPhase = "opening";
  #result: RunResult | undefined;

  start(run: RunStart): void {
    this.#run = run;
  }

  phase(phase: RunPhase): void {
    this.#phase = phase;
  }

  add({ counters, gauges, trends }: Interval): void {
    for (const [key, value] of Object.entries(counters)) {
      const admitted = this.#limit.admit(key);
      this.#counters.set(admitted, (this.#counters.get(admitted) ?? 0) + value);
    }
    for (const [key, { count }] of Object.entries(trends)) {
      this.#recorded.set(key, (this.#recorded.get(key) ?? 0) + count);
    }
    this.#gauges = gauges;
    this.#trends = trends;
  }

  stop(result: RunResult | undefined): void {
    this.#result = result;
  }

  /** The exposition as it is now; after the run, that of its result. */
  render(): string {
    if (this.#result) return prometheusReport(this.#result);
    const book = new FamilyBook();
    for (const [key, value] of this.#counters) book.add(key, value);
    for (const [key, value] of Object.entries(this.#gauges)) book.add(key, value);
    for (const [key, count] of this.#recorded) {
      const { p50, p99, max } = this.#trends[key] ?? { p50: NaN, p99: NaN, max: NaN };
      book.summarize(key, { count, p50, p99, max });
    }
    return exposition([...this.#aboutRun(), ...book.families()]);
  }

  #aboutRun(): Family[] {
    const run = this.#run;
    if (!run) return [];
    return [
      {
        name: "wsctl_run_info",
        type: "gauge",
        help: "the run and its id",
        samples: [{ labels: { run: run.id }, value: 1 }],
      },
      {
        name: "wsctl_run_phase",
        type: "gauge",
        help: "1 for the phase that the run is in",
        samples: phases.map((phase) => ({
          labels: { phase },
          value: Number(phase === this.#phase),
        })),
      },
    ];
  }
}
