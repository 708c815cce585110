/** Shows that shares are kept to the user, and do not go together with other sharings. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { scenarioShares, ShareOut } from "../../src/scenario/share-out.js";

function counts(share: ShareOut, kinds: number, from: number, to: number): number[] {
  const found = Array.from({ length: kinds }, () => 0);
  for (let index = from; index < to; index++) found[share.of(index)]!++;
  return found;
}

test.each<[string, number[], number, number[]]>([
  ["whole weights", [9, 1], 100, [90, 10]],
  ["weights with a common factor", [50, 50], 10, [5, 5]],
  ["weights that are not whole", [0.25, 0.75], 1000, [250, 750]],
  ["a kind that gets nothing", [1, 0, 1], 50, [25, 0, 25]],
  ["one kind", [7], 5, [5]],
])("%s", (_what, weights, users, expected) => {
  expect(counts(new ShareOut(weights, 1), weights.length, 0, users)).toEqual(expected);
});

test("any stretch of indices has its share, but for one pattern's length at its ends", () => {
  const weights = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(weights, fc.nat(5000), fc.nat(5000), (given, from, length) => {
      const total = given.reduce((sum, weight) => sum + weight, 0);
      const found = counts(new ShareOut(given, 3), given.length, from, from + length);
      for (const [kind, weight] of given.entries()) {
        expect(Math.abs(found[kind]! - (length * weight) / total)).toBeLessThanOrEqual(2 * weight);
      }
    }),
    { numRuns: 200 },
  );
});

test("a rare kind among many is not rounded away", () => {
  expect(counts(new ShareOut([1_000_000, 1], 1), 2, 0, 100_000)[1]).toBeGreaterThan(0);
});

test("two kinds are not tied to two targets, nor two sharings to each other", () => {
  const [scenario, profile] = [new ShareOut([1, 1], 1), new ShareOut([1, 1], 2)];
  let [even, same] = [0, 0];
  for (let index = 0; index < 4000; index++) {
    if (scenario.of(index) === index % 2) even++;
    if (scenario.of(index) === profile.of(index)) same++;
  }
  expect(Math.abs(even - 2000)).toBeLessThan(300);
  expect(Math.abs(same - 2000)).toBeLessThan(300);
});

test("how many of each there are is known without looking at all", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 1, maxLength: 6 }),
      fc.integer({ min: 0, max: 3000 }),
      (weights, size) => {
        fc.pre(weights.some((weight) => weight > 0));
        const share = scenarioShares(weights);
        expect(share.counts(size)).toEqual(counts(share, weights.length, 0, size));
      },
    ),
    { numRuns: 50 },
  );
});
