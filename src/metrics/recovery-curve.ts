/** Owns the curve of open connections over a run, all workers together: how many were open when. */
import type { OpenPoint } from "./recovery.js";
import { fates, grain, type LossRecord, type RecoveryPart } from "./recovery-part.js";

/** Steps up and down. Losses and what made them good are exact; all else is to a tenth of a second. */
export class RecoveryCurve {
  readonly #times: Float64Array;
  /** How many are open from that time on. */
  readonly #levels: Float64Array;

  constructor(losses: readonly LossRecord[], parts: readonly Pick<RecoveryPart, "open">[]) {
    const steps: (readonly [at: number, by: number])[] = [];
    for (const { open } of parts) {
      for (let i = 0; i + 1 < open.length; i += 2) steps.push([open[i]! * grain, open[i + 1]!]);
    }
    for (const { at, over, fate } of losses) {
      steps.push([at, -1]);
      if (fate === fates.back) steps.push([over, 1]);
    }
    steps.sort(([a], [b]) => a - b);
    this.#times = Float64Array.from(steps, ([at]) => at);
    this.#levels = new Float64Array(steps.length);
    let level = 0;
    for (const [index, [, by]] of steps.entries()) {
      level += by;
      // Who came and went within a tenth of a second may seem to have gone first.
      this.#levels[index] = Math.max(0, level);
    }
  }

  /** How many were open just before a moment. */
  before(at: number): number {
    return this.#level(this.#first(at));
  }

  /** The fewest that were open at any moment from one to another. */
  fewest(from: number, to: number): number {
    let index = this.#first(from);
    let fewest = this.#level(index);
    for (; index < this.#times.length && this.#times[index]! <= to; index++) {
      fewest = Math.min(fewest, this.#levels[index]!);
    }
    return fewest;
  }

  /** Time of open connections from one moment to another, all added, in ms. */
  time(from: number, to: number): number {
    let index = this.#first(from);
    let [at, sum] = [from, 0];
    for (; index < this.#times.length && this.#times[index]! < to; index++) {
      sum += this.#level(index) * (this.#times[index]! - at);
      at = this.#times[index]!;
    }
    return sum + this.#level(index) * Math.max(0, to - at);
  }

  /** The course of it from one moment to another, in so many stretches of the same length. */
  points(from: number, to: number, count: number): OpenPoint[] {
    if (!(to > from)) return [];
    const width = (to - from) / count;
    return Array.from({ length: count }, (_, i) => ({
      at: from + (i + 1) * width,
      open: this.fewest(from + i * width, from + (i + 1) * width),
    }));
  }

  /** The level before the step of that index. */
  #level(index: number): number {
    return index === 0 ? 0 : this.#levels[index - 1]!;
  }

  /** Index of the first step that is not before a moment. */
  #first(at: number): number {
    let [low, high] = [0, this.#times.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#times[middle]! < at) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
