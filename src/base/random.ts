/**
 * Owns randomness that can be had again: a generator whose stream depends on its seed alone, so
 * that the same run with the same seed says the same things, whatever the number of workers.
 */
import { createHash } from "node:crypto";

/** 128 bits of seed. Wide, because a million connections each want a stream of their own. */
type Seed = readonly [number, number, number, number];

/**
 * A seed made of everything that may tell two streams apart, such as the run's seed and the
 * connection's global index. The same parts give the same seed; `("1", 2)` and `(1, "2")` differ.
 */
export function seedOf(...parts: readonly (string | number)[]): Seed {
  const digest = createHash("sha256").update(JSON.stringify(parts)).digest();
  return [0, 4, 8, 12].map((at) => digest.readUInt32LE(at)) as unknown as Seed;
}

function rotate(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by));
}

/**
 * xoshiro128** (Blackman and Vigna, 2018): small, fast, period 2^128 − 1. Not for secrets.
 */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  constructor(seed: Seed) {
    [this.#a, this.#b, this.#c, this.#d] = seed;
    // The one state that the generator never leaves is all zeros.
    if ((this.#a | this.#b | this.#c | this.#d) === 0) this.#a = 1;
  }

  /** The next 32 bits, 0 to 2^32 − 1. */
  uint32(): number {
    const result = Math.imul(rotate(Math.imul(this.#b, 5), 7), 9) >>> 0;
    const shifted = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= shifted;
    this.#d = rotate(this.#d, 11);
    return result;
  }

  /** A number from 0 (included) to 1 (excluded) with 53 random bits. */
  float(): number {
    const high = this.uint32() >>> 5;
    const low = this.uint32() >>> 6;
    return (high * 0x400_0000 + low) / 0x20_0000_0000_0000;
  }

  /**
   * A whole number from `min` to `max`, both included; the bias is below span / 2^53.
   * @param max not less than `min`, and `max - min` at most 2^53 − 2
   */
  int(min: number, max: number): number {
    return min + Math.floor(this.float() * (max - min + 1));
  }
}
