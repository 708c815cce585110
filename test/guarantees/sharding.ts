/**
 * Owns showing G5: whatever number of workers share a plan, from 1 to 64, together they do what one
 * does alone: the same sends on the same connections for the same instants, the same users with the
 * same lives and scenarios.
 */
import fc from "fast-check";
import { Births } from "../../src/load/flow/births.js";
import type { Link } from "../../src/load/link.js";
import { OpenModel } from "../../src/load/open-model.js";
import type { PlanLoad } from "../../src/scenario/flow-plan.js";
import { Population } from "../../src/scenario/population.js";
import { Schedule } from "../../src/scenario/schedule.js";
import { scenarioShares } from "../../src/scenario/share-out.js";
import { cut, type Shard } from "../../src/scenario/shard.js";

const mostWorkers = 64;

/** A plan with few enough sends and users to write them all down. */
const plans = fc.record({
  rate: fc.oneof(
    fc.constantFrom(1 / 3, 0.01, 0.07, 1, 7, 999.9, 20_000),
    fc.double({ min: 0.01, max: 20_000, noNaN: true }),
  ),
  connections: fc.integer({ min: 1, max: 90 }),
  messages: fc.integer({ min: 0, max: 150 }),
  /** At which shares of the run the workers' pacers beat. */
  beats: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 4 }),
  kind: fc.constantFrom<PlanLoad["kind"]>("population", "arrivals"),
  stages: fc.array(fc.tuple(fc.integer({ min: 1, max: 2000 }), fc.nat(40), fc.nat(40)), {
    minLength: 1,
    maxLength: 4,
  }),
  weights: fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 4 }),
});

type SmallPlan = typeof plans extends fc.Arbitrary<infer T> ? T : never;

/** A connection that only remembers what it was told to send. */
class PaperLink {
  readonly index: number;
  readonly open = true;
  readonly blocked = false;
  pending = false;
  /** When each message was intended, in ms. */
  readonly intended: number[] = [];

  constructor(index: number) {
    this.index = index;
  }

  get rounds(): number {
    return this.intended.length;
  }

  send(intended: number): void {
    this.intended.push(intended);
    this.pending = true;
  }

  flush(): void {
    this.pending = false;
  }
}

/** What a worker with that shard sends on each of its connections; its pacer's beats are its own. */
function sendsOf(plan: SmallPlan, { index, from, to }: Shard): number[][] {
  const { rate, connections, messages, beats } = plan;
  const duration = Math.max(0.001, ((messages + 0.5) * 1000) / rate);
  const links = Array.from({ length: to - from }, (_, i) => new PaperLink(from + i));
  const schedule = new Schedule(rate, connections, duration);
  const model = new OpenModel(schedule, links as unknown as Link[], from);
  model.start(0);
  for (const beat of beats.map((one) => (one + index / mostWorkers) % 1).toSorted(ascending)) {
    model.tick(beat * duration);
  }
  model.tick(duration);
  return links.map(({ intended }) => intended);
}

const ascending = (one: number, other: number): number => one - other;

/** The lives of a worker's users by index, one after the other: index, from, to, scenario. */
function livesOf(births: Births): number[] {
  return Array.from({ length: births.count }, (_, rank) => rank)
    .toSorted((a, b) => births.index(a) - births.index(b) || births.from(a) - births.from(b))
    .flatMap((rank) => [
      births.index(rank),
      births.from(rank),
      births.to(rank),
      births.scenario(rank),
    ]);
}

function isSame(one: readonly number[], other: readonly number[]): boolean {
  return one.length === other.length && one.every((value, i) => value === other[i]);
}

/** How much is tried. */
interface ShardingSize {
  readonly plans: number;
  readonly seed: number;
}

/** What was compared. */
interface ShardingFigures extends ShardingSize {
  /** In each of so many ways was each plan cut. */
  readonly ways: number;
  /** Sends and lives of all plans, each cut in all ways. */
  readonly sends: number;
  readonly lives: number;
}

/**
 * Holds the union of all shards against the whole, for random plans.
 * @throws Error with the smallest plan for which they differ
 */
export function measureSharding({ plans: count, seed }: ShardingSize): ShardingFigures {
  let [sends, lives] = [0, 0];
  const check = (plan: SmallPlan): boolean => {
    const stages = plan.stages.map(([duration, from, to]) => ({ name: "", duration, from, to }));
    const population = new Population({ kind: plan.kind, stages, maxConnections: undefined });
    const shares = scenarioShares(plan.weights);
    const birthsOf = (shard: Shard): number[] => livesOf(new Births(population, shares, shard));
    const inShards = (workers: number) => ({
      // Shards are contiguous: one after the other they are all connections, and all users.
      sent: cut(plan.connections, workers).flatMap((shard) => sendsOf(plan, shard)),
      lived: cut(population.size, workers).flatMap(birthsOf),
    });
    const alone = inShards(1);
    for (let workers = 1; workers <= mostWorkers; workers++) {
      const { sent, lived } = inShards(workers);
      if (sent.length !== plan.connections || !isSame(lived, alone.lived)) return false;
      if (!sent.every((intended, index) => isSame(intended, alone.sent[index]!))) return false;
      sends += sent.reduce((sum, intended) => sum + intended.length, 0);
      lives += lived.length / 4;
    }
    return true;
  };
  fc.assert(fc.property(plans, check), { numRuns: count, seed });
  return { plans: count, seed, ways: mostWorkers, sends, lives };
}
