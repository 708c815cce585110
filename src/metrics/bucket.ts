/** Owns one second of a run while its snapshots are still coming in. */
import { metricOf, parseSeriesKey } from "./catalogue.js";
import type { Interval } from "./interval.js";
import type { Snapshot } from "./snapshot.js";
import { Tally } from "./tally.js";

/** A run has many seconds: of each, no more series than this are told apart. */
const mostSeries = 500;

/** What one shard has told of the second, in one snapshot or, at a stage's end, in several. */
interface ShardSecond {
  span: number;
  /** Of which snapshot the readings are. */
  sequence: number;
  gauges: Map<string, number>;
}

/** One second. */
export class Bucket {
  readonly tally = new Tally(mostSeries);
  readonly #shards = new Map<number, ShardSecond>();
  /** Whether it is of a warm-up alone, as far as is known. */
  #isWarmup: boolean | undefined;

  /** Takes a snapshot's length and readings; its figures are added to the tally. */
  read({ shard, sequence, span, gauges, phase }: Snapshot): void {
    this.#isWarmup = (this.#isWarmup ?? true) && phase === "warm-up";
    const known = this.#shards.get(shard);
    const here = known ?? { span: 0, sequence, gauges: new Map<string, number>() };
    this.#shards.set(shard, here);
    here.span += span;
    const isNewer = sequence >= here.sequence;
    if (isNewer) here.sequence = sequence;
    for (const [key, value] of Object.entries(gauges)) {
      const before = here.gauges.get(key);
      if (before !== undefined && ruleOf(key) === "max") {
        here.gauges.set(key, Math.max(before, value));
      } else if (before === undefined || isNewer) {
        here.gauges.set(key, value);
      }
    }
  }

  /** What it came to. */
  settle(second: number): Interval {
    const shards = [...this.#shards].toSorted(([a], [b]) => a - b).map(([, shard]) => shard);
    const gauges = Object.create(null) as Record<string, number>;
    for (const shard of shards) {
      for (const [key, value] of shard.gauges) gauges[key] = merged(key, gauges[key], value);
    }
    return {
      second,
      span: Math.max(0, ...shards.map(({ span }) => span)),
      ...(this.#isWarmup === true ? { isWarmup: true } : {}),
      counters: this.tally.totals(),
      gauges,
      trends: Object.fromEntries(
        [...this.tally.trends()].map(([key, trend]) => [key, trend.brief()]),
      ),
    };
  }
}

function ruleOf(key: string): string | undefined {
  return metricOf(parseSeriesKey(key).name)?.merge;
}

/** A gauge's readings of several shards as one. */
function merged(key: string, before: number | undefined, value: number): number {
  if (before === undefined) return value;
  const rule = ruleOf(key);
  if (rule === "sum") return before + value;
  return rule === "max" ? Math.max(before, value) : value;
}
