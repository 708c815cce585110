/** Shows that pictures made of text are as long as they say, and never lie about a tail. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Trend } from "../../src/metrics/trend.js";
import { bar, gauge, histogram, sparkline } from "../../src/report/drawing.js";
import { latencyTable } from "../../src/report/latency-table.js";
import { plainInk, summaryOf } from "./results.js";

describe("a bar", () => {
  test.each([
    [0, 10, ""],
    [1, 10, "██████████"],
    [0.5, 10, "█████"],
    [0.05, 10, "▌"],
    [2, 3, "███"],
    [-1, 3, ""],
  ])("%d of %d columns is %j", (share, width, drawn) => {
    expect(bar(share, width)).toBe(drawn);
  });

  test("never grows shorter with its share, nor longer than its width", () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(share, share, fc.integer({ min: 1, max: 80 }), (a, b, width) => {
        const [short, long] = [bar(Math.min(a, b), width), bar(Math.max(a, b), width)];
        expect(long.length).toBeGreaterThanOrEqual(short.length - 1);
        expect(long.length).toBeLessThanOrEqual(width);
      }),
    );
  });
});

test.each([0, 0.3, 1, 7, -2])("a gauge is as wide as it should be, at %d too", (share) => {
  expect(gauge(share, 30, plainInk)).toHaveLength(30);
});

describe("a sparkline", () => {
  test.each([
    [[], ""],
    [[0, 0], "▁▁"],
    [[0, 5, 10], "▁▄█"],
    [[3], "█"],
  ])("of %j is %j", (values, drawn) => {
    expect(sparkline(values, 10)).toBe(drawn);
  });

  test("keeps the latest", () => {
    expect(sparkline([9, 9, 9, 0, 1], 2)).toBe("▁█");
  });
});

describe("a histogram", () => {
  test("of one value is one full bar", () => {
    const trend = new Trend();
    trend.add(5000, 100);
    const lines = histogram(trend.bins(10), plainInk);
    const full = lines.filter((line) => line.includes("█"));
    expect(full).toHaveLength(1);
    expect(full[0]).toContain("100.0 %");
  });

  test("folds a thin tail into one line, and tells how many are in it", () => {
    const trend = new Trend();
    trend.add(1000, 100_000);
    trend.add(900_000, 7);
    const lines = histogram(trend.bins(14), plainInk);
    expect(lines.length).toBeLessThan(14);
    expect(lines.at(-1)).toMatch(/– 900 ms +7$/);
  });

  test("accounts for every value, and keeps to its width", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 10_000_000 }), { minLength: 1, maxLength: 50 }),
        fc.integer({ min: 60, max: 160 }),
        (values, width) => {
          const trend = new Trend();
          for (const value of values) trend.add(value);
          const lines = histogram(trend.bins(14), { ...plainInk, width });
          const shares = lines.map((line) => Number(/([\d.]+) %$/.exec(line)?.[1] ?? 0));
          expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(100, -0.5);
          for (const line of lines) expect(line.length).toBeLessThanOrEqual(width + 12);
        },
      ),
      { numRuns: 50 },
    );
  });
});

test("the latency table aligns its figures under their names", () => {
  const lines = latencyTable(
    [
      { name: "ws_msg_rtt", trend: summaryOf(1, 2, 3000) },
      { name: "ws_msg_rtt_sent", trend: summaryOf(0.01) },
    ],
    plainInk,
  );
  expect(lines).toHaveLength(3);
  const ends = ["p50", "p99.9", "max"].map((name) => lines[0]!.indexOf(name) + name.length);
  for (const line of lines.slice(1)) {
    for (const end of ends) expect(line.slice(end - 2, end)).toMatch(/^[mµ ]?s$/);
  }
});
