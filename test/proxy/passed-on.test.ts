/** Shows that the n-th message that went on is known among all that came. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { PassedOn } from "../../src/proxy/passed-on.js";

test("whatever was taken away", () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 60 }), (taken) => {
      const passedOn = new PassedOn();
      const left: number[] = [];
      for (const [index, isTaken] of taken.entries()) {
        if (isTaken) passedOn.takeAway(index + 1);
        else left.push(index + 1);
      }
      const numbers = left.map((_, index) => passedOn.numberOf(index + 1));
      expect(numbers).toEqual(left);
    }),
    { numRuns: 200 },
  );
});

test("of what is long gone it is not guessed", () => {
  const passedOn = new PassedOn();
  // Every second one.
  for (let number = 1; number <= 60_000; number += 2) passedOn.takeAway(number);
  expect(passedOn.numberOf(30_000)).toBe(60_000);
  expect(passedOn.numberOf(25_000)).toBe(50_000);
  expect(passedOn.numberOf(5)).toBeUndefined();
  expect(passedOn.numberOf(40_000)).toBe(70_000);
});
