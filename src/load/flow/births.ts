/** Owns the lives of a shard's users in order of their beginning. */
import type { Population } from "../../scenario/population.js";
import type { ShareOut } from "../../scenario/share-out.js";
import type { Shard } from "../../scenario/shard.js";

/** Every life of the shard, by its rank; times in ms after the start. */
export class Births {
  readonly count: number;
  readonly #from: Float64Array;
  readonly #to: Float64Array;
  readonly #index: Float64Array;
  readonly #scenario: Uint16Array;
  /** Indices with more than one life. */
  readonly #again = new Set<number>();

  /** @param scenarios which scenario each index plays */
  constructor(population: Population, scenarios: ShareOut, { from, to }: Shard) {
    const lives: { from: number; to: number; index: number }[] = [];
    for (let index = from; index < to; index++) {
      const all = population.livesOf(index);
      if (all.length > 1) this.#again.add(index);
      for (const life of all) lives.push({ from: life.from, to: life.to, index });
    }
    lives.sort((a, b) => a.from - b.from || a.index - b.index);
    this.count = lives.length;
    this.#from = Float64Array.from(lives, (life) => life.from);
    this.#to = Float64Array.from(lives, (life) => life.to);
    this.#index = Float64Array.from(lives, (life) => life.index);
    this.#scenario = Uint16Array.from(lives, (life) => scenarios.of(life.index));
  }

  /** When the life begins. */
  from(rank: number): number {
    return this.#from[rank]!;
  }

  /** When it ends. */
  to(rank: number): number {
    return this.#to[rank]!;
  }

  /** Whose life it is. */
  index(rank: number): number {
    return this.#index[rank]!;
  }

  /** Number of its scenario. */
  scenario(rank: number): number {
    return this.#scenario[rank]!;
  }

  /** Whether that index lives more than once. */
  isRepeated(index: number): boolean {
    return this.#again.has(index);
  }
}
