/**
 * Owns merging: snapshots of any number of shards, in any order, become totals, trends and a time
 * series. Counters add, histograms add, each gauge follows the rule of its metric.
 */
import { Bucket } from "./bucket.js";
import { isTimedInWarmup } from "./catalogue.js";
import { healthy } from "./healthy.js";
import type { Interval } from "./interval.js";
import { together, type MeasuredRun } from "./measure.js";
import { indicesOf, measuredOf, partOf, partsOf, sideBySide, type Sums } from "./part-sums.js";
import type { RunPart } from "./run-result.js";
import type { Figures, Snapshot } from "./snapshot.js";
import { Tally } from "./tally.js";
import { Trend, type TrendSummary } from "./trend.js";

/** Distributions of scenarios and stages that are kept, so that memory stays below some 200 MB. */
const mostPartTrends = 1000;

/** The names of a run's parts, in order. */
interface PartNames {
  readonly scenarios: readonly string[];
  readonly stages: readonly string[];
  /** Empty where users are all alike; else the last is that of those who have none. */
  readonly profiles?: readonly string[];
}

/** The sums of one stage, all of which is traffic. */
interface Stage {
  readonly tally: Tally;
  /** By shard, in ms. */
  readonly spans: Map<number, number>;
}

/** Merges snapshots into what a run came to. */
export class Accumulator {
  readonly #whole = new Tally();
  readonly #inTraffic = new Tally();
  readonly #scenarios = new Map<string, Sums>();
  readonly #profiles = new Map<string, Sums>();
  readonly #stages = new Map<number, Stage>();
  readonly #peaks: Record<string, number> = Object.create(null) as Record<string, number>;
  readonly #open = new Map<number, Bucket>();
  readonly #series: Interval[] = [];
  /** How much of the traffic after a warm-up has been told of, by shard, in ms. */
  readonly #spans = new Map<number, number>();
  #partTrends = 0;
  #isPartial = false;
  #trafficFrom = Infinity;
  #trafficTo = Infinity;

  /**
   * Says when traffic flows, in ms of the run, where no stages say so. The seconds in which it begins
   * and ends count as traffic as a whole.
   */
  trafficBetween(from: number, to: number): void {
    this.#trafficFrom = from;
    this.#trafficTo = to;
  }

  /** Adds one shard's interval. */
  add(snapshot: Snapshot): void {
    const bucket = this.#bucket(snapshot.second);
    bucket.read(snapshot);
    const sums = [this.#whole, bucket.tally];
    if (snapshot.stage !== undefined) sums.push(this.#stage(snapshot.stage, snapshot));
    const isTraffic = this.#isTraffic(snapshot);
    // A second is shown as it was; of the warm-up nothing else keeps the times.
    const untimed = snapshot.phase === "warm-up" ? bucket.tally : undefined;
    addTo(sums, snapshot, untimed);
    const { shard, span, phase } = snapshot;
    if (phase !== undefined) {
      const more = phase === "traffic" ? span : 0;
      this.#spans.set(shard, (this.#spans.get(shard) ?? 0) + more);
    }
    if (isTraffic) addCounts([this.#inTraffic], snapshot);
    const addParts = (parts: Snapshot["scenarios"], profile: Sums | undefined): void => {
      for (const [name, figures] of Object.entries(parts)) {
        const all = [this.#sums(this.#scenarios, name), ...(profile ? [profile] : [])];
        addTo([...sums, ...all.map(({ tally }) => tally)], figures, untimed);
        if (!isTraffic) continue;
        addCounts([this.#inTraffic, ...all.map(({ inTraffic }) => inTraffic)], figures);
      }
    };
    const { scenarios, profiles } = snapshot;
    addParts(scenarios, profiles && this.#sums(this.#profiles, healthy));
    for (const [name, parts] of Object.entries(profiles ?? {})) {
      addParts(parts, this.#sums(this.#profiles, name));
    }
  }

  /** Adds what is known of a scenario later than its second: it is a part of the whole, and of no second. */
  addLater(scenario: string, figures: Figures): void {
    addTo([this.#whole, this.#sums(this.#scenarios, scenario).tally], figures);
  }

  /** A second's snapshot is cut at its end. */
  #isTraffic({ stage, second, span, phase }: Snapshot): boolean {
    if (phase !== undefined) return phase === "traffic";
    if (stage !== undefined) return true;
    const end = second * 1000;
    return end > this.#trafficFrom && end - span < this.#trafficTo;
  }

  /** Closes every second up to and including `second`; returns them, oldest first. */
  settle(second: number): Interval[] {
    const due = [...this.#open.keys()].filter((key) => key <= second).toSorted((a, b) => a - b);
    return due.map((key) => {
      const interval = this.#open.get(key)!.settle(key);
      this.#open.delete(key);
      this.atLeast(interval.gauges);
      this.#series.push(interval);
      return interval;
    });
  }

  /** Takes note of readings that came after the last second. */
  atLeast(gauges: Readonly<Record<string, number>>): void {
    for (const [name, value] of Object.entries(gauges)) {
      this.#peaks[name] = Math.max(this.#peaks[name] ?? -Infinity, value);
    }
  }

  /** Takes note of gauges that are known only when the run is over. */
  conclude(gauges: Readonly<Record<string, number>>): void {
    Object.assign(this.#peaks, gauges);
  }

  /** Counters summed over the run so far, those of all scenarios included. */
  totals(): Record<string, number> {
    return this.#whole.totals();
  }

  /** Of the counters, what fell within the traffic. */
  inTraffic(): Record<string, number> {
    return this.#inTraffic.totals();
  }

  /**
   * For how long traffic has flowed after its warm-up, as far as snapshots tell, in ms, where it lasted
   * longest. 0 while a shard has not told of any: a rate would be that of the others alone.
   */
  get warmFor(): number {
    const spans = [...this.#spans.values()];
    return Math.min(...spans) > 0 ? Math.max(0, ...spans) : 0;
  }

  /** Whether counters of too many series were put together by metric. */
  get isFull(): boolean {
    return this.#whole.isFull;
  }

  /** Whether there were too many scenarios and stages to keep the distributions of each. */
  get isPartial(): boolean {
    return this.#isPartial;
  }

  /** The highest reading of each gauge over the settled seconds. */
  peaks(): Record<string, number> {
    return { ...this.#peaks };
  }

  /** The merged distribution of one series, if any value was recorded. */
  trend(key: string): Trend | undefined {
    return this.#whole.trend(key);
  }

  /** Every trend of the run. */
  trends(): Record<string, TrendSummary> {
    return this.#whole.summaries();
  }

  /** The settled seconds, oldest first. */
  series(): readonly Interval[] {
    return this.#series;
  }

  /**
   * The figures so far, for thresholds.
   * @param span ms for which traffic has flowed
   * @param names of the parts of the load
   * @param known counts that are known to be those of the traffic, better than snapshots tell
   */
  measured(
    span: number,
    { scenarios, stages, profiles = [] }: PartNames,
    known: Readonly<Record<string, number>> = {},
  ): MeasuredRun {
    return {
      totals: { ...this.#peaks, ...this.#whole.totals() },
      inTraffic: { ...this.inTraffic(), ...known },
      span,
      trend: (passes) => this.#whole.trendOf(passes),
      hasParts: scenarios.length + stages.length > 0,
      scenario: (name) => sideBySide(name, scenarios, this.#scenarios, span),
      profile: (name) => sideBySide(name, profiles, this.#profiles, span),
      stage: (name) =>
        together(
          indicesOf(name, stages).map((index) => {
            const stage = this.#stages.get(index);
            return measuredOf(stage?.tally, stage?.tally, stage ? spanOf(stage) : 0);
          }),
        ),
    };
  }

  /**
   * What each scenario came to, in the order of `names`; all of them, also those without figures.
   * @param span ms for which traffic flowed
   */
  scenarios(names: readonly string[], span: number): RunPart[] {
    return partsOf(names, this.#scenarios, span);
  }

  /** The same of each profile. */
  profiles(names: readonly string[], span: number): RunPart[] {
    return partsOf(names, this.#profiles, span);
  }

  /** What each stage came to, in the order of `names`. */
  stages(names: readonly string[]): RunPart[] {
    return names.map((name, index) => {
      const stage = this.#stages.get(index);
      return partOf(name, stage?.tally, stage?.tally, stage ? spanOf(stage) : 0);
    });
  }

  #bucket(second: number): Bucket {
    return valueIn(this.#open, second, () => new Bucket());
  }

  #sums(parts: Map<string, Sums>, name: string): Sums {
    return valueIn(parts, name, () => ({
      tally: this.#partTally(),
      inTraffic: new Tally(),
    }));
  }

  #stage(index: number, { shard, span }: Snapshot): Tally {
    const { tally, spans } = valueIn(this.#stages, index, () => ({
      tally: this.#partTally(),
      spans: new Map<number, number>(),
    }));
    spans.set(shard, (spans.get(shard) ?? 0) + span);
    return tally;
  }

  #partTally(): Tally {
    return new Tally(undefined, () => {
      if (this.#partTrends >= mostPartTrends) {
        this.#isPartial = true;
        return undefined;
      }
      this.#partTrends++;
      return new Trend();
    });
  }
}

/** @param untimed the one of the sums that shows a warm-up as it was, where this is one */
function addTo(sums: readonly Tally[], figures: Figures, untimed?: Tally): void {
  addCounts(sums, figures);
  for (const [key, encoded] of Object.entries(figures.trends)) {
    const trend = Trend.decode(encoded);
    const keep = untimed === undefined || isTimedInWarmup(key) ? sums : [untimed];
    for (const tally of keep) tally.addTrend(key, trend);
  }
}

function addCounts(sums: readonly Tally[], { counters }: Figures): void {
  for (const [key, value] of Object.entries(counters)) {
    for (const tally of sums) tally.count(key, value);
  }
}

/** A stage lasts as long as it did where it lasted longest. */
function spanOf({ spans }: Stage): number {
  return Math.max(0, ...spans.values());
}

function valueIn<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}
