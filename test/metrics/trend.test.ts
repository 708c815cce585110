/** Shows that times are kept to a thousandth, and that merging loses nothing, however it is done. */
import fc from "fast-check";
import { encodeIntoCompressedBase64, Float64Histogram } from "hdr-histogram-js";
import { describe, expect, test } from "vitest";
import { encodeCounts } from "../../src/metrics/hdr-encoding.js";
import {
  bucketCount,
  bucketOf,
  highestMicros,
  lowestOf,
  significantDigits,
} from "../../src/metrics/layout.js";
import { Recorder } from "../../src/metrics/recorder.js";
import { Trend } from "../../src/metrics/trend.js";

const hour = 3_600_000;

/** Milliseconds to the microsecond, most of them short. */
const times = fc
  .oneof(fc.integer({ min: 0, max: 20_000 }), fc.integer({ min: 0, max: highestMicros }))
  .map((micros) => micros / 1000);

function trendOf(values: readonly number[]): Trend {
  const recorder = new Recorder();
  for (const value of values) recorder.record(value);
  return Trend.decode(recorder.take().encoded);
}

test("a recorder's histogram is the one that hdr-histogram-js makes of the same values", () => {
  fc.assert(
    fc.property(fc.array(times, { minLength: 1, maxLength: 60 }), (values) => {
      const direct = new Float64Histogram(1, highestMicros, significantDigits);
      for (const value of values) direct.recordValue(lowestOf(bucketOf(Math.round(value * 1000))));
      expect(trendOf(values).encode()).toBe(encodeIntoCompressedBase64(direct));
    }),
    { numRuns: 60 },
  );
});

test("any split over recorders and snapshots, merged in any order, gives the same bytes", () => {
  const split = fc
    .array(fc.tuple(times, fc.nat(4)), { minLength: 1, maxLength: 60 })
    .chain((values) =>
      fc.record({
        values: fc.constant(values),
        // After so many values a recorder's snapshot is taken.
        every: fc.integer({ min: 1, max: 20 }),
        order: fc.array(fc.nat(1000), { minLength: 70, maxLength: 70 }),
      }),
    );
  fc.assert(
    fc.property(split, ({ values, every, order }) => {
      const snapshots: string[] = [];
      const recorders = Array.from({ length: 5 }, () => new Recorder());
      const take = (recorder: Recorder): void => {
        if (!recorder.empty) snapshots.push(recorder.take().encoded);
      };
      for (const [i, [value, recorder]] of values.entries()) {
        recorders[recorder]!.record(value);
        if (i % every === 0) take(recorders[recorder]!);
      }
      for (const recorder of recorders) take(recorder);
      const shuffled = snapshots
        .map((snapshot, i) => ({ snapshot, place: order[i % order.length]! }))
        .toSorted((a, b) => a.place - b.place);
      const merged = new Trend();
      for (const { snapshot } of shuffled) merged.addTrend(Trend.decode(snapshot));
      expect(merged.encode()).toBe(trendOf(values.map(([value]) => value)).encode());
      expect(merged.count).toBe(values.length);
    }),
    { numRuns: 100 },
  );
});

test("percentiles are those of the sorted values, to a thousandth", () => {
  fc.assert(
    fc.property(fc.array(times, { minLength: 1, maxLength: 300 }), (values) => {
      const trend = trendOf(values);
      const sorted = values.toSorted((a, b) => a - b);
      for (const percent of [0, 1, 50, 90, 95, 99, 99.9, 100]) {
        const rank = Math.max(1, Math.ceil((percent / 100) * sorted.length - 1e-9));
        const exact = sorted[rank - 1]!;
        const measured = trend.percentile(percent);
        expect(Math.abs(measured - exact)).toBeLessThanOrEqual(exact / 1000 + 0.001);
      }
    }),
    { numRuns: 80 },
  );
});

test("percentiles of a long-tailed run hold at every tenth of a percent", () => {
  let state = 1;
  const random = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
  const values = Array.from(
    { length: 50_000 },
    () => 0.2 - Math.log(random()) * 3 ** (4 * random()),
  );
  const sorted = values.toSorted((a, b) => a - b);
  const trend = trendOf(values);
  for (let tenth = 1; tenth <= 1000; tenth++) {
    const exact = sorted[Math.ceil((tenth / 1000) * sorted.length - 1e-9) - 1]!;
    const off = Math.abs(trend.percentile(tenth / 10) - exact);
    if (off > exact / 1000 + 0.001) expect([tenth / 10, trend.percentile(tenth / 10)]).toBe(exact);
  }
  const summary = trend.summary();
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  expect(summary.count).toBe(values.length);
  expect(Math.abs(summary.mean - mean)).toBeLessThan(mean / 1000 + 0.001);
  expect(summary.min).toBeLessThanOrEqual(summary.p50);
  expect(Math.abs(summary.max / sorted.at(-1)! - 1)).toBeLessThanOrEqual(0.001);
});

describe("a recorder", () => {
  test("takes as many of one value as 32 bits can count, and values far apart", () => {
    const counts = new Uint32Array(bucketCount);
    counts[0] = 2 ** 32 - 1;
    counts[2] = 63;
    counts[3] = 64;
    counts[bucketCount - 1] = 2 ** 31;
    const trend = Trend.decode(encodeCounts(counts, 0, bucketCount - 1));
    expect(trend.count).toBe(2 ** 32 - 1 + 63 + 64 + 2 ** 31);
    expect(trend.percentile(100) / hour).toBeCloseTo(1, 2);
  });

  test("takes negative times and NaN for 0", () => {
    const trend = trendOf([-1, -0, NaN, -Infinity]);
    expect([trend.count, trend.percentile(100)]).toEqual([4, 0]);
  });

  test("clamps what is above an hour, and counts how often", () => {
    const recorder = new Recorder();
    for (const value of [hour, hour + 0.001, 2 * hour, Infinity, 1]) recorder.record(value);
    const { encoded, clamped } = recorder.take();
    const trend = Trend.decode(encoded);
    expect(clamped).toBe(3);
    expect(trend.count).toBe(5);
    expect(trend.percentile(100) / hour).toBeCloseTo(1, 2);
    expect(recorder.take().clamped).toBe(0);
  });

  test("is empty once its values were taken", () => {
    const recorder = new Recorder();
    expect(recorder.empty).toBe(true);
    recorder.record(5);
    expect(recorder.empty).toBe(false);
    const [first, second] = [0, 1].map(() => Trend.decode(recorder.take().encoded));
    expect([recorder.empty, first?.count, second?.count]).toEqual([true, 1, 0]);
  });
});

describe("a trend", () => {
  test("says 0 everywhere when nothing was recorded", () => {
    const { hdr, ...figures } = new Trend().summary();
    expect(new Set(Object.values(figures))).toEqual(new Set([0]));
    expect(Trend.decode(hdr).count).toBe(0);
    expect(new Trend().bins(10)).toEqual([]);
  });

  test("survives its encoded form", () => {
    const trend = trendOf([0, 0.001, 1, 20, 3000, hour]);
    expect(Trend.decode(trend.encode()).summary()).toEqual(trend.summary());
  });

  test("counts beyond 32 bits", () => {
    const trend = new Trend();
    trend.add(1000, 3_000_000_000);
    trend.addTrend(Trend.decode(trend.encode()));
    expect(trend.count).toBe(6_000_000_000);
    expect(Trend.decode(trend.encode()).count).toBe(6_000_000_000);
  });

  test.each(["", "no histogram", "AAAA", "HISTFAAAABx4nJNpmSzMwMAgx"])("refuses %j", (text) => {
    expect(() => Trend.decode(text)).toThrow();
  });

  test.each(["bins", "evenBins"] as const)(
    "%s hold every value once, lie side by side and cover the range",
    (how) => {
      fc.assert(
        fc.property(
          fc.array(times, { minLength: 1, maxLength: 60 }),
          fc.integer({ min: 1, max: 20 }),
          (values, count) => {
            const bins = trendOf(values)[how](count);
            expect(bins.length).toBeLessThanOrEqual(count);
            expect(bins.reduce((sum, bin) => sum + bin.count, 0)).toBe(values.length);
            for (const [i, bin] of bins.entries()) {
              expect(bin.to).toBeGreaterThan(bin.from);
              if (i > 0) expect(bin.from).toBeCloseTo(bins[i - 1]!.to, 6);
            }
          },
        ),
        { numRuns: 60 },
      );
    },
  );

  test("even bins are all as wide as each other", () => {
    const [first, ...rest] = trendOf([10, 25, 45, 55, 110]).evenBins(10);
    expect(first).toMatchObject({ from: expect.closeTo(10, 0), count: 1 });
    expect(rest.map(({ count }) => count)).toEqual([1, 0, 1, 1, 0, 0, 0, 0, 1]);
    for (const bin of rest) expect(bin.to - bin.from).toBeCloseTo(10, 0);
  });
});
