/** Owns how crowded it was when lost connections were opened again. */
import { grain, type RecoveryPart } from "./recovery-part.js";

const tenthsOfSecond = 1000 / grain;

/** How long a crowd of first attempts is looked at, in ms. */
const crowdedWithin = 100;

/** The dials in place of lost connections, all workers together. */
export class RecoveryDials {
  /** Tenths of a second in which there were any, and how many, in order. */
  readonly #tenths: readonly (readonly [tenth: number, count: number])[];

  constructor(parts: readonly Pick<RecoveryPart, "dials">[]) {
    const counts = new Map<number, number>();
    for (const { dials } of parts) {
      for (let i = 0; i + 1 < dials.length; i += 2) {
        counts.set(dials[i]!, (counts.get(dials[i]!) ?? 0) + dials[i + 1]!);
      }
    }
    this.#tenths = [...counts].toSorted(([a], [b]) => a - b);
  }

  /** The most within any second from one moment to another, in ms. */
  peak(from = -Infinity, to = Infinity): number {
    const [first, last] = [Math.floor(from / grain), Math.floor(to / grain)];
    let [sum, peak, oldest] = [0, 0, 0];
    for (const [tenth, count] of this.#tenths) {
      if (tenth < first) {
        oldest++;
        continue;
      }
      if (tenth > last) break;
      sum += count;
      while (this.#tenths[oldest]![0] <= tenth - tenthsOfSecond) {
        sum -= this.#tenths[oldest++]![1];
      }
      peak = Math.max(peak, sum);
    }
    return peak;
  }
}

/**
 * The largest share of moments, 0 to 1, that fall within any 100 ms, and when those began.
 * @param moments need not be in order
 */
export function crowdOf(moments: readonly number[]): { share: number; at: number | undefined } {
  const sorted = moments.toSorted((a, b) => a - b);
  let [oldest, most] = [0, 0];
  let at: number | undefined;
  for (const [index, moment] of sorted.entries()) {
    while (moment - sorted[oldest]! >= crowdedWithin) oldest++;
    if (index - oldest + 1 <= most) continue;
    most = index - oldest + 1;
    at = sorted[oldest];
  }
  return { share: sorted.length === 0 ? 0 : most / sorted.length, at };
}
