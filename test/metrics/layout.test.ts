/** Shows that the hot path's buckets are HdrHistogram's own, so that nothing is lost in converting. */
import fc from "fast-check";
import { Float64Histogram } from "hdr-histogram-js";
import { describe, expect, test } from "vitest";
import {
  bucketCount,
  bucketOf,
  highestMicros,
  lowestOf,
  significantDigits,
} from "../../src/metrics/layout.js";

const reference = new Float64Histogram(1, highestMicros, significantDigits);

const micros = fc.oneof(
  fc.integer({ min: 0, max: 5000 }),
  fc.integer({ min: 0, max: highestMicros }),
  // Around powers of two, where the buckets become twice as wide.
  fc
    .tuple(fc.integer({ min: 0, max: 31 }), fc.integer({ min: -2, max: 2 }))
    .map(([power, by]) => Math.min(highestMicros, Math.max(0, 2 ** power + by))),
);

test("every value lies in the bucket that hdr-histogram-js puts it in", () => {
  fc.assert(
    fc.property(micros, (value) => {
      const bucket = bucketOf(value);
      expect(lowestOf(bucket)).toBe(reference.lowestEquivalentValue(value));
      reference.reset();
      reference.recordValue(value);
      expect(reference.getCountAtIndex(bucket)).toBe(1);
    }),
    { numRuns: 300 },
  );
});

test("buckets follow each other without holes, and never shrink", () => {
  let before = -1;
  for (let bucket = 0; bucket < bucketCount; bucket++) {
    const lowest = lowestOf(bucket);
    if (lowest <= before || bucketOf(lowest) !== bucket) {
      expect([bucket, lowest, before, bucketOf(lowest)]).toEqual("in order");
    }
    before = lowest;
  }
  expect(before).toBeLessThanOrEqual(highestMicros);
});

describe("boundaries", () => {
  test.each([0, 1, 2047, 2048, 2049, 2050, 4095, 4096, 1_000_000, highestMicros])(
    "%d µs is told apart to a thousandth",
    (value) => {
      const lowest = lowestOf(bucketOf(value));
      expect(lowest).toBeLessThanOrEqual(value);
      expect(value - lowest).toBeLessThanOrEqual(value / 1000);
    },
  );

  test("an hour is in the last bucket, and no bucket is past it", () => {
    expect(bucketOf(highestMicros)).toBe(bucketCount - 1);
    expect(bucketOf(highestMicros - 1)).toBeLessThan(bucketCount);
  });
});
