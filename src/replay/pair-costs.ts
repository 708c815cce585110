/** Owns what it costs to take a message for the counterpart of another, and remembering it. */
import type { Comparer } from "./compare.js";
import type { Heard } from "./heard.js";
import type { Budget } from "./json-diff.js";
import { similarity } from "./similarity.js";

/** Larger messages are the same only where their digests are: they are compared once, as a pair. */
const largest = 16 * 1024;

/** Two messages this much alike are one that was changed, and not two. */
const alike = 0.35;

/** Values that are looked at to align the first of both sides: some milliseconds. */
const mostSteps = 500_000;

/** What one alignment may cost altogether. */
export function alignmentBudget(): Budget {
  return { steps: mostSteps };
}

/** The costs of pairs, as long as nothing more is learned. */
export class PairCosts {
  readonly #comparer: Comparer;
  #known = new WeakMap<Heard, WeakMap<Heard, number>>();
  #revision = 0;

  constructor(comparer: Comparer) {
    this.#comparer = comparer;
  }

  /** 0 for the same, up to 2 for what has nothing in common: then it is one missing and one extra. */
  of(recorded: Heard, received: Heard, budget: Budget): number {
    const { revision } = this.#comparer;
    if (revision !== this.#revision) {
      this.#revision = revision;
      this.#known = new WeakMap();
    }
    const costs = this.#known.get(recorded) ?? new WeakMap<Heard, number>();
    this.#known.set(recorded, costs);
    const known = costs.get(received);
    if (known !== undefined) return known;
    const cost = this.#costOf(recorded, received, budget);
    costs.set(received, cost);
    return cost;
  }

  #costOf(recorded: Heard, received: Heard, budget: Budget): number {
    const comparer = this.#comparer;
    if (comparer.digestOf(recorded, true) === comparer.digestOf(received, false)) return 0;
    const isSmall = recorded.size <= largest && received.size <= largest;
    const mayBeSame = isSmall && comparer.isLenient(recorded);
    if (mayBeSame && comparer.isSame(recorded, received, budget)) return 0;
    const common = similarity(recorded, received);
    return common < alike ? 2.5 : 2 - 1.5 * common;
  }
}
