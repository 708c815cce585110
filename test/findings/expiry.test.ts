/** Shows how days are counted, before the end and after it. */
import { expect, test } from "vitest";
import { expiryLimits, wholeDays } from "../../src/findings/expiry.js";

const day = 86_400_000;

test.each([
  [0, 0],
  [0.9, 0],
  [1, 1],
  [3.9, 3],
  [-0.0001, -1],
  [-0.9, -1],
  [-1, -1],
  [-1.9, -1],
  [-3.2, -3],
  [-4, -4],
])("%d days are %i whole ones", (days, whole) => {
  expect(wholeDays(days * day)).toBe(whole);
});

test("the limits of a long and of a short life", () => {
  expect(expiryLimits(365 * day)).toEqual({ soon: 60 * day, verySoon: 30 * day });
  expect(expiryLimits(6 * day)).toEqual({ soon: 2 * day, verySoon: day });
});
