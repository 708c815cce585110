/**
 * Owns who lives when: the stages of a load, as pure arithmetic on global indices, so that every
 * number of workers plays the same run.
 *
 * A population is a curve; the user of rank r is alive while the curve is above r:
 *
 *     users │      ╭────────╮
 *         3 │     ╱··········╲         rank 2   from ╱ to ╲
 *         2 │    ╱············╲        rank 1
 *         1 │   ╱··············╲       rank 0
 *           └────────────────────── time
 *
 * Arrivals are a rate; the user of rank r comes when the area under the rate has grown to r.
 */
import type { PlanLoad, PlanStage } from "./flow-plan.js";

/** One stretch of a user's time, in ms after the start of the run: from (included) to (excluded). */
export interface Life {
  readonly from: number;
  readonly to: number;
}

/** The largest population or number of arrivals; products of two indices stay exact below it. */
export const mostUsers = 10_000_000;

/** Who of a load's users lives when. */
export class Population {
  /** How many users there are in all: the peak of the population, or all that arrive. */
  readonly size: number;
  /** All stages together, in ms. */
  readonly duration: number;
  readonly #load: PlanLoad;
  /** When each stage begins, and at the end when the last one ends. */
  readonly #starts: readonly number[];
  /** How many have arrived before each stage begins, and at the end in all. */
  readonly #arrived: readonly number[];
  readonly #stride: number;

  constructor(load: PlanLoad) {
    const { stages } = load;
    this.#load = load;
    this.#starts = sums(stages.map(({ duration }) => duration));
    this.#arrived = sums(stages.map(({ from, to, duration }) => ((from + to) / 2000) * duration));
    this.duration = this.#starts.at(-1)!;
    // A few roundings up must not make one user more: 0.07/s for 100 s are 7, not 8.
    const arrivals = Math.ceil(this.#arrived.at(-1)! * (1 - 8 * Number.EPSILON));
    const peak = Math.max(0, ...stages.flatMap(({ from, to }) => [from, to]));
    this.size = load.kind === "arrivals" ? arrivals : Math.ceil(peak);
    this.#stride = strideFor(this.size);
  }

  /**
   * When the user of that global index lives, oldest first; a curve that falls and rises again gives
   * it several lives.
   */
  livesOf(index: number): Life[] {
    // Ranks are dealt out in strides, so that any range of indices has its share of every ramp: a
    // shard is a range, and would else sit idle while another one ramps.
    const rank = (index * this.#stride) % this.size;
    return this.#load.kind === "arrivals" ? this.#visit(rank) : this.#stays(rank);
  }

  /** The index of the stage that the moment (ms after the start) lies in; undefined after the last. */
  stageAt(elapsed: number): number | undefined {
    const after = this.#starts.findIndex((start) => start > elapsed);
    return elapsed < 0 || after < 0 ? undefined : after - 1;
  }

  /** When each stage ends, in ms after the start. */
  get ends(): readonly number[] {
    return this.#starts.slice(1);
  }

  #stays(rank: number): Life[] {
    const lives: Life[] = [];
    for (const [i, stage] of this.#load.stages.entries()) {
      const [begin, end] = [this.#starts[i]!, this.#starts[i + 1]!];
      const life = above(stage, rank, begin, end);
      if (!life) continue;
      const last = lives.at(-1);
      if (last?.to === life.from) lives[lives.length - 1] = { from: last.from, to: life.to };
      else lives.push(life);
    }
    return lives;
  }

  #visit(rank: number): Life[] {
    const after = this.#arrived.findIndex((arrived) => arrived > rank);
    // The last one's area may fall short of its rank by a rounding.
    const i = (after < 0 ? this.#arrived.length - 1 : after) - 1;
    const { from, to, duration } = this.#load.stages[i]!;
    const left = Math.max(0, rank - this.#arrived[i]!);
    // The area after x of the stage's ms: from·x + (to − from)·x² / 2d, in per-ms rates. Solved in the
    // form that does not subtract what is nearly equal.
    const [start, slope] = [from / 1000, (to - from) / 1000 / duration];
    const root = Math.sqrt(Math.max(0, start * start + 2 * slope * left));
    const x = left === 0 ? 0 : (2 * left) / (start + root);
    return [{ from: this.#starts[i]! + Math.min(x, duration), to: this.duration }];
  }
}

/** The part of a stage in which its line is above the rank. */
function above({ from, to, duration }: PlanStage, rank: number, begin: number, end: number) {
  if (duration === 0 || (from <= rank && to <= rank)) return undefined;
  if (from > rank && to > rank) return { from: begin, to: end };
  const crossing = begin + (duration * (rank - from)) / (to - from);
  return from > rank ? { from: begin, to: crossing } : { from: crossing, to: end };
}

function sums(values: readonly number[]): number[] {
  const all = [0];
  for (const value of values) all.push(all.at(-1)! + value);
  return all;
}

/** A number near the golden section of `size` that has no factor in common with it. */
function strideFor(size: number): number {
  let stride = Math.max(1, Math.round(size * 0.618_033_988_75));
  while (gcd(stride, size) > 1) stride++;
  return stride;
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}
