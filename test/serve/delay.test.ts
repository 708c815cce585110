/** Shows the grammar of delays, and that each distribution is the one that it is called. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Random, seedOf } from "../../src/base/random.js";
import { parseDelay } from "../../src/serve/delay.js";
import { mistakeOf, succeedsOrRefuses } from "../message/mistake.js";

/** Sorted draws. */
function draws(text: string, count = 20_000): number[] {
  const random = new Random(seedOf("test", text));
  const delay = parseDelay(text);
  return Array.from({ length: count }, () => delay(random)).sort((a, b) => a - b);
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.floor(share * (sorted.length - 1))]!;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

describe("distributions", () => {
  test.each(["5ms", "fixed=5ms", " fixed = 5ms "])("%s is always 5", (text) => {
    expect(new Set(draws(text, 100))).toEqual(new Set([5]));
  });

  test("0 is no delay", () => {
    expect(draws("0", 3)).toEqual([0, 0, 0]);
  });

  test("uniform stays within its ends and fills them evenly", () => {
    const values = draws("uniform=10ms..30ms");
    expect(values[0]).toBeGreaterThanOrEqual(10);
    expect(values.at(-1)).toBeLessThanOrEqual(30);
    expect(mean(values)).toBeCloseTo(20, 0);
    expect(quantile(values, 0.25)).toBeCloseTo(15, 0);
  });

  test("normal has its mean and deviation", () => {
    const values = draws("normal=100ms,10ms");
    expect(mean(values)).toBeCloseTo(100, 0);
    expect(quantile(values, 0.8413)).toBeCloseTo(110, 0);
  });

  test("normal never gives a negative delay", () => {
    expect(draws("normal=1ms,50ms", 1000)[0]).toBe(0);
  });

  test("lognormal has its median and its 99th percentile", () => {
    const values = draws("lognormal=20ms,200ms", 50_000);
    expect(quantile(values, 0.5)).toBeCloseTo(20, -0.5);
    expect(quantile(values, 0.99) / 200).toBeCloseTo(1, 0.9);
  });

  test("exponential has its mean", () => {
    const values = draws("exponential=20ms", 50_000);
    expect(mean(values) / 20).toBeCloseTo(1, 1);
    expect(quantile(values, 0.5) / (20 * Math.LN2)).toBeCloseTo(1, 1);
  });

  test("bimodal has its two values in their shares", () => {
    const values = draws("bimodal=5ms,200ms,10%");
    expect(new Set(values)).toEqual(new Set([5, 200]));
    expect(values.filter((value) => value === 200).length / values.length).toBeCloseTo(0.1, 1.5);
  });

  test("the same seed draws the same delays, another draws others", () => {
    const three = (seed: string): number[] => {
      const random = new Random(seedOf(seed));
      const delay = parseDelay("lognormal=5ms,50ms");
      return [delay(random), delay(random), delay(random)];
    };
    expect(three("a")).toEqual(three("a"));
    expect(three("a")).not.toEqual(three("b"));
  });
});

describe("mistakes", () => {
  test.each([
    ["normall=5ms,1ms", "did you mean normal=20ms,5ms?"],
    ["zipf=5ms", "there are fixed=5ms"],
    ["uniform=1ms,10ms", "uniform takes 2 values"],
    ["uniform=10ms..1ms", "ends before it begins"],
    ["normal=20ms", "normal takes 2 values"],
    ["bimodal=5ms,200ms,110%", "not a share"],
    ["bimodal=5ms,200ms,0.1", "not a share"],
    ["lognormal=20ms,5ms", "not below it"],
    ["lognormal=0,5ms", "above 0"],
    ["fixed=2h", "too long"],
    ["5", "not a duration"],
    ["", "not a duration"],
  ])("%s", (text, told) => {
    expect(mistakeOf(() => parseDelay(text))).toContain(told);
  });

  test("any text is either a delay within bounds or a usage error", () => {
    const part = fc.constantFrom(
      "uniform=",
      "normal=",
      "bimodal=",
      "1ms",
      "..",
      ",",
      "9h",
      "%",
      "0",
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(part).map((parts) => parts.join("")),
        ),
        (text) =>
          succeedsOrRefuses(() => {
            const value = parseDelay(text)(new Random(seedOf(text)));
            expect(value).toBeGreaterThanOrEqual(0);
            expect(value).toBeLessThanOrEqual(3_600_000);
          }),
      ),
      { numRuns: 300 },
    );
  });
});
