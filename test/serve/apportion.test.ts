/** Holds the sharing out against its promises: all of it, no more than there is, and fair. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { apportion } from "../../src/serve/apportion.js";

test.each([
  [1, [4, 4], [1, 0]],
  [3, [10, 10, 10], [1, 1, 1]],
  [2, [1, 1, 8], [0, 0, 2]],
  [5, [0, 0], [0, 0]],
  [9, [2, 3], [2, 3]],
  [0, [2, 3], [0, 0]],
  [1, [], []],
])("%d of %j is %j", (count, sizes, shares) => {
  expect(apportion(count, sizes)).toEqual(shares);
});

test("takes exactly so many, and from each its share rounded up or down", () => {
  fc.assert(
    fc.property(fc.nat(5000), fc.array(fc.nat(1000), { maxLength: 64 }), (count, sizes) => {
      const total = sizes.reduce((sum, size) => sum + size, 0);
      const shares = apportion(count, sizes);
      expect(shares.reduce((sum, share) => sum + share, 0)).toBe(Math.min(count, total));
      for (const [index, share] of shares.entries()) {
        expect(share).toBeLessThanOrEqual(sizes[index]!);
        const exact = (Math.min(count, total) * sizes[index]!) / Math.max(1, total);
        expect(Math.abs(share - exact)).toBeLessThan(1);
      }
    }),
    { numRuns: 200 },
  );
});
