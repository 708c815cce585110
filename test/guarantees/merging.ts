/**
 * Owns showing G6: however the values of a run are split over workers, scenarios and seconds, and in
 * whatever order the snapshots come, the merged histogram is that of all values, byte for byte.
 */
import { Random, seedOf } from "../../src/base/random.js";
import { Accumulator } from "../../src/metrics/accumulator.js";
import { Recorder } from "../../src/metrics/recorder.js";
import type { Snapshot } from "../../src/metrics/snapshot.js";
import { Trend } from "../../src/metrics/trend.js";

/** How much is tried. */
interface MergingSize {
  readonly splits: number;
  /** So many values are split each time. */
  readonly values: number;
  readonly seed: number;
}

/** What was compared. */
interface MergingFigures extends MergingSize {
  readonly snapshots: number;
  /** Splits that came to other bytes, or to another number of values. */
  readonly different: number;
}

const metric = "ws_msg_rtt";
const mostWorkers = 64;

/** From a microsecond to an hour, most of them short. */
function valuesOf(count: number, random: Random): Float64Array {
  return Float64Array.from({ length: count }, () => 0.001 * 3.6e9 ** (random.float() ** 3));
}

/** What the workers of a random split would send, in random order. */
function split(values: Float64Array, random: Random): Snapshot[] {
  const workers = random.int(1, mostWorkers);
  // On average so many values fall between two snapshots of a worker.
  const second = random.int(1, Math.ceil((values.length / workers) * 2));
  const snapshots: Snapshot[] = [];
  const recorders = Array.from({ length: workers }, () => new Recorder());
  const sequences = recorders.map(() => 0);
  const take = (shard: number): void => {
    const figures = { counters: {}, trends: { [metric]: recorders[shard]!.take().encoded } };
    const inScenario = random.int(0, 1) === 1;
    const sequence = sequences[shard]!++;
    snapshots.push({
      shard,
      sequence,
      second: sequence,
      span: 1000,
      stage: undefined,
      gauges: {},
      ...(inScenario ? { counters: {}, trends: {} } : figures),
      scenarios: inScenario ? { one: figures } : {},
    });
  };
  for (const value of values) {
    const shard = random.int(0, workers - 1);
    recorders[shard]!.record(value);
    if (random.int(1, second) === 1) take(shard);
  }
  for (const [shard, recorder] of recorders.entries()) if (!recorder.empty) take(shard);
  return snapshots
    .map((snapshot) => ({ snapshot, place: random.float() }))
    .toSorted((one, other) => one.place - other.place)
    .map(({ snapshot }) => snapshot);
}

/** Splits the same values again and again. */
export function measureMerging(size: MergingSize): MergingFigures {
  const random = new Random(seedOf("merging", size.seed));
  const values = valuesOf(size.values, random);
  const direct = new Trend();
  for (const value of values) direct.add(Math.round(value * 1000));
  const whole = direct.encode();
  let [snapshots, different] = [0, 0];
  for (let i = 0; i < size.splits; i++) {
    const merged = new Accumulator();
    const all = split(values, random);
    for (const snapshot of all) merged.add(snapshot);
    const { hdr, count } = merged.trends()[metric]!;
    if (hdr !== whole || count !== size.values) different++;
    snapshots += all.length;
  }
  return { ...size, snapshots, different };
}
