/** Shows that snapshots of any number of shards become one run, whatever order they come in. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Accumulator, perSecond } from "../../src/metrics/accumulator.js";
import type { Snapshot } from "../../src/metrics/snapshot.js";
import { Trend } from "../../src/metrics/trend.js";

function snapshot(part: Partial<Snapshot>): Snapshot {
  return {
    shard: 0,
    sequence: 0,
    second: 1,
    span: 1000,
    stage: undefined,
    counters: {},
    gauges: {},
    trends: {},
    scenarios: {},
    ...part,
  };
}

function encoded(...micros: number[]): string {
  const trend = new Trend();
  for (const value of micros) trend.add(value);
  return trend.encode();
}

describe("merging one second of several shards", () => {
  test("counters and trends add", () => {
    const merged = new Accumulator();
    merged.add(
      snapshot({ shard: 0, counters: { ws_msgs_sent: 2 }, trends: { ws_msg_rtt: encoded(1000) } }),
    );
    merged.add(
      snapshot({
        shard: 1,
        counters: { ws_msgs_sent: 3, ws_msg_late: 1 },
        trends: { ws_msg_rtt: encoded(3000, 3000) },
      }),
    );
    expect(merged.totals()).toEqual({ ws_msgs_sent: 5, ws_msg_late: 1 });
    expect(merged.trend("ws_msg_rtt")!.encode()).toBe(encoded(1000, 3000, 3000));
    expect(merged.trends()["ws_msg_rtt"]!.count).toBe(3);
    expect(merged.trend("ws_tls")).toBeUndefined();
    const [interval] = merged.settle(1);
    expect(interval!.counters).toEqual({ ws_msgs_sent: 5, ws_msg_late: 1 });
    expect(interval!.trends["ws_msg_rtt"]).toMatchObject({ count: 3 });
  });

  test.each([
    ["sums", "ws_sessions_open", 7],
    ["sums", "wsctl_rss", 7],
    ["keeps the highest of", "wsctl_cpu", 4],
    ["keeps the highest of", "ws_backpressure", 4],
    ["keeps the last of", "some_gauge_of_a_newer_worker", 3],
    ["keeps the last of", "constructor", 3],
  ])("%s the gauge %s", (_how, key, expected) => {
    const merged = new Accumulator();
    merged.add(snapshot({ shard: 0, gauges: { [key]: 4 } }));
    merged.add(snapshot({ shard: 1, gauges: { [key]: 3 } }));
    expect(merged.settle(1)[0]!.gauges[key]).toBe(expected);
    expect(merged.peaks()[key]).toBe(expected);
  });
});

describe("the span of a second", () => {
  test("is the longest of the shards', and what its counters are divided by", () => {
    const merged = new Accumulator();
    merged.add(snapshot({ shard: 0, span: 1000, counters: { ws_msgs_sent: 300 } }));
    merged.add(snapshot({ shard: 1, span: 1500, counters: { ws_msgs_sent: 300 } }));
    merged.add(snapshot({ second: 2, span: 250, counters: { ws_msgs_sent: 100 } }));
    const [whole, last] = merged.settle(2);
    expect([whole!.span, last!.span]).toEqual([1500, 250]);
    expect([perSecond(whole!, "ws_msgs_sent"), perSecond(last!, "ws_msgs_sent")]).toEqual([
      400, 400,
    ]);
    expect(perSecond(last!, "ws_msg_late")).toBe(0);
  });

  test("of nothing makes no rate", () => {
    const merged = new Accumulator();
    merged.add(snapshot({ span: 0, counters: { ws_msgs_sent: 5 } }));
    expect(perSecond(merged.settle(1)[0]!, "ws_msgs_sent")).toBe(0);
  });
});

describe("settling", () => {
  test("closes each second once, oldest first, and leaves later ones open", () => {
    const merged = new Accumulator();
    for (const second of [3, 1, 2, 9]) {
      merged.add(snapshot({ second, counters: { ws_msgs_sent: second } }));
    }
    expect(merged.settle(0)).toEqual([]);
    expect(merged.settle(3).map(({ second }) => second)).toEqual([1, 2, 3]);
    expect(merged.settle(3)).toEqual([]);
    expect(merged.settle(Infinity).map(({ second }) => second)).toEqual([9]);
    expect(merged.series().map(({ counters }) => counters["ws_msgs_sent"])).toEqual([1, 2, 3, 9]);
  });

  test("peaks are those of the merged seconds, not sums of each shard's own peak", () => {
    const merged = new Accumulator();
    const readings = [
      [1, 0, 5],
      [1, 1, 0],
      [2, 0, 0],
      [2, 1, 6],
    ] as const;
    for (const [second, shard, open] of readings) {
      merged.add(snapshot({ second, shard, gauges: { ws_sessions_open: open } }));
    }
    expect(merged.peaks()).toEqual({});
    merged.settle(Infinity);
    expect(merged.peaks()).toEqual({ ws_sessions_open: 6 });
  });

  test("a snapshot that comes after its second was settled still enters the totals", () => {
    const merged = new Accumulator();
    merged.add(snapshot({ counters: { ws_msgs_sent: 1 }, trends: { ws_msg_rtt: encoded(1) } }));
    merged.settle(5);
    merged.add(snapshot({ counters: { ws_msgs_sent: 2 }, trends: { ws_msg_rtt: encoded(2) } }));
    expect(merged.totals()).toEqual({ ws_msgs_sent: 3 });
    expect(merged.trends()["ws_msg_rtt"]!.count).toBe(2);
    merged.settle(5);
    const inSeries = merged.series().map(({ counters }) => counters["ws_msgs_sent"] ?? 0);
    expect(inSeries.reduce((sum, value) => sum + value, 0)).toBe(3);
  });
});

test("what was handed out is not changed by what comes later", () => {
  const merged = new Accumulator();
  merged.add(snapshot({ counters: { ws_msgs_sent: 1 } }));
  const [before, totals] = [merged.settle(1)[0]!, merged.totals()];
  merged.add(snapshot({ counters: { ws_msgs_sent: 1 } }));
  expect(before.counters["ws_msgs_sent"]).toBe(1);
  expect(totals["ws_msgs_sent"]).toBe(1);
});

test("the order in which snapshots come changes neither totals nor trends nor sums", () => {
  const snapshots = fc.array(
    fc
      .record({
        shard: fc.nat(3),
        second: fc.nat(4),
        sent: fc.nat(1000),
        micros: fc.integer({ min: 0, max: 1e7 }),
      })
      .map(({ shard, second, sent, micros }) =>
        snapshot({
          shard,
          second,
          counters: { ws_msgs_sent: sent },
          gauges: { ws_sessions_open: sent, wsctl_cpu: sent },
          trends: { ws_msg_rtt: encoded(micros) },
        }),
      ),
    { minLength: 1, maxLength: 15 },
  );
  const outcome = (all: readonly Snapshot[]): unknown => {
    const merged = new Accumulator();
    for (const one of all) merged.add(one);
    merged.settle(Infinity);
    return [merged.totals(), merged.trends(), merged.peaks(), merged.series()];
  };
  fc.assert(
    fc.property(snapshots, (all) => {
      expect(outcome(all.toReversed())).toEqual(outcome(all));
    }),
    { numRuns: 15 },
  );
});
