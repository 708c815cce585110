/**
 * Owns sharing out: which of several kinds the user of a global index is, so that the numbers of
 * each are as their weights say, and no kind always meets the same target or address. They are so
 * exactly for whole weights with a sum of 10,000 or less; others are rounded to parts of 10,000, and
 * none below one such part.
 */

/** A pattern longer than this is rounded: one user in so many is as fine as shares get. */
const longestPattern = 10_000;

/** Tells the sharing out of scenarios from others of the same indices. */
const scenarioSalt = 1;

/** Which scenario each user plays, by the weights of the scenarios. */
export function scenarioShares(weights: readonly number[]): ShareOut {
  return new ShareOut(weights, scenarioSalt);
}

/** Shares indices out by weight. */
export class ShareOut {
  /** How often each kind is in the pattern. */
  readonly #weights: readonly number[];
  readonly #pattern: readonly number[];
  readonly #salt: number;

  /**
   * @param weights of the kinds, none negative and not all 0; need not be whole
   * @param salt tells sharings of the same indices apart, so that they do not go together
   */
  constructor(weights: readonly number[], salt: number) {
    this.#weights = wholeWeights(weights);
    this.#pattern = patternOf(this.#weights);
    this.#salt = salt;
  }

  /** How many of the indices below `size` each kind has. */
  counts(size: number): number[] {
    const { length } = this.#pattern;
    const blocks = Math.floor(size / length);
    const counts = this.#weights.map((weight) => weight * blocks);
    for (let index = blocks * length; index < size; index++) {
      const kind = this.of(index);
      counts[kind] = counts[kind]! + 1;
    }
    return counts;
  }

  /** Which kind the user of that index is. */
  of(index: number): number {
    const { length } = this.#pattern;
    // Every block of indices holds the whole pattern, each time begun elsewhere: were it always the
    // same, with two kinds and two targets all of one kind would go to one target.
    const turn = scramble(Math.floor(index / length) ^ this.#salt);
    return this.#pattern[(index + turn) % length]!;
  }
}

/** Whole weights in the same proportion, small enough for a pattern. */
function wholeWeights(weights: readonly number[]): number[] {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const whole = weights.every((weight) => Number.isInteger(weight));
  const scaled =
    whole && sum <= longestPattern
      ? [...weights]
      : weights.map((weight) =>
          weight > 0 ? Math.max(1, Math.round((weight / sum) * longestPattern)) : 0,
        );
  const common = scaled.reduce((a, b) => gcd(a, b), 0);
  return scaled.map((weight) => weight / common);
}

/**
 * Each kind as often as its weight says, spread as evenly as can be: who has waited longest for its
 * share is next (the smooth weighted round robin that nginx made known).
 */
function patternOf(weights: readonly number[]): number[] {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const credit = weights.map(() => 0);
  return Array.from({ length: total }, () => {
    let next = 0;
    for (const [kind, weight] of weights.entries()) {
      credit[kind] = credit[kind]! + weight;
      if (credit[kind] > credit[next]!) next = kind;
    }
    credit[next] = credit[next]! - total;
    return next;
  });
}

/** A number whose bits all depend on all of those given (the finalizer of MurmurHash3). */
function scramble(value: number): number {
  let mixed = value ^ (value >>> 16);
  mixed = Math.imul(mixed, 0x85eb_ca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2_ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}
