/** Shows that snapshots of any number of shards become one run, whatever order they come in. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Accumulator } from "../../src/metrics/accumulator.js";
import { perSecond } from "../../src/metrics/interval.js";
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

describe("scenarios and stages", () => {
  const figures = (sent: number, ...micros: number[]) => ({
    counters: { ws_msgs_sent: sent },
    trends: { ws_msg_rtt: encoded(...micros) },
  });

  test("are told apart, and the whole is the sum of everything", () => {
    const merged = new Accumulator();
    merged.add(
      snapshot({
        stage: 0,
        counters: { ws_close: 1 },
        scenarios: { chat: figures(2, 1000), mute: figures(3, 5000) },
      }),
    );
    merged.add(snapshot({ shard: 1, stage: 1, scenarios: { chat: figures(5, 9000) } }));
    expect(merged.totals()).toEqual({ ws_close: 1, ws_msgs_sent: 10 });
    expect(merged.trend("ws_msg_rtt")!.encode()).toBe(encoded(1000, 5000, 9000));
    expect(merged.settle(1)[0]!.counters).toEqual({ ws_close: 1, ws_msgs_sent: 10 });
    const [chat, mute, none] = merged.scenarios(["chat", "mute", "never"], 4000);
    expect(chat).toMatchObject({ name: "chat", span: 4000, totals: { ws_msgs_sent: 7 } });
    expect(chat!.trends["ws_msg_rtt"]!.hdr).toBe(encoded(1000, 9000));
    expect(mute!.totals).toEqual({ ws_msgs_sent: 3 });
    expect(none).toEqual({ name: "never", span: 4000, totals: {}, inTraffic: {}, trends: {} });
    const [ramp, steady] = merged.stages(["ramp", "steady"]);
    expect(ramp).toMatchObject({ name: "ramp", totals: { ws_close: 1, ws_msgs_sent: 5 } });
    expect(steady).toMatchObject({ name: "steady", totals: { ws_msgs_sent: 5 } });
  });

  test("a stage lasts as long as in the shard where it lasted longest", () => {
    const merged = new Accumulator();
    merged.add(snapshot({ stage: 0, span: 1000 }));
    merged.add(snapshot({ stage: 0, second: 2, span: 500, sequence: 1 }));
    merged.add(snapshot({ shard: 1, stage: 0, span: 900 }));
    expect(merged.stages(["only", "none"]).map(({ span }) => span)).toEqual([1500, 0]);
  });

  test("figures outside of all stages are in none", () => {
    const merged = new Accumulator();
    merged.add(snapshot({ stage: undefined, counters: { ws_msgs_sent: 1 } }));
    expect(merged.stages(["only"])[0]!.totals).toEqual({});
  });

  test("named like parts of every object are scenarios like others", () => {
    const merged = new Accumulator();
    merged.add(
      snapshot({ scenarios: JSON.parse('{"__proto__":{"counters":{"ws_close":1},"trends":{}}}') }),
    );
    expect(merged.scenarios(["__proto__"], 1)[0]!.totals).toEqual({ ws_close: 1 });
    expect(merged.scenarios(["constructor"], 1)[0]!.totals).toEqual({});
  });
});

describe("a second that a shard tells of in two snapshots, as at a stage's end", () => {
  test("is as long as both, and has the readings of the later one", () => {
    const merged = new Accumulator();
    const later = snapshot({
      sequence: 1,
      span: 600,
      gauges: { ws_sessions_open: 3, wsctl_cpu: 0.2 },
    });
    const earlier = snapshot({ span: 400, gauges: { ws_sessions_open: 5, wsctl_cpu: 0.9 } });
    for (const one of [later, earlier]) merged.add(one);
    merged.add(snapshot({ shard: 1, gauges: { ws_sessions_open: 10 } }));
    expect(merged.settle(1)[0]).toMatchObject({
      span: 1000,
      gauges: { ws_sessions_open: 13, wsctl_cpu: 0.9 },
    });
  });
});

describe("series without end", () => {
  const invented = (count: number): Record<string, number> =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`ws_close{code:${i}}`, 1]));

  test("of 20,000 each is kept", () => {
    const merged = new Accumulator();
    merged.add(snapshot({ counters: invented(20_000) }));
    expect(Object.keys(merged.totals())).toHaveLength(20_000);
    expect(merged.isFull).toBe(false);
  });

  test("are counted together from there on, and none is lost", () => {
    const merged = new Accumulator();
    merged.add(snapshot({ counters: invented(60_000) }));
    merged.add(snapshot({ counters: { ...invented(60_000), ws_msgs_sent: 4 } }));
    const totals = merged.totals();
    expect(Object.keys(totals).length).toBeLessThanOrEqual(20_002);
    expect(merged.isFull).toBe(true);
    expect(totals["ws_msgs_sent"]).toBe(4);
    const closes = Object.entries(totals).filter(([key]) => key.startsWith("ws_close"));
    expect(closes.reduce((sum, [, count]) => sum + count, 0)).toBe(120_000);
    const [interval] = merged.settle(1);
    expect(Object.keys(interval!.counters).length).toBeLessThan(1000);
    const inSecond = Object.values(interval!.counters).reduce((sum, count) => sum + count, 0);
    expect(inSecond).toBe(120_004);
  });

  test("the distributions of ever more scenarios are left away, their counts are not", () => {
    const merged = new Accumulator();
    const names = Array.from({ length: 1100 }, (_, i) => `s${i}`);
    const trends = { ws_msg_rtt: encoded(5) };
    const counters = { ws_msgs_sent: 1 };
    const scenarios = Object.fromEntries(names.map((name) => [name, { counters, trends }]));
    merged.add(snapshot({ scenarios }));
    expect(merged.isPartial).toBe(true);
    expect(merged.totals()).toEqual({ ws_msgs_sent: 1100 });
    expect(merged.trend("ws_msg_rtt")!.count).toBe(1100);
    const parts = merged.scenarios(names, 1);
    expect(parts.filter((part) => "ws_msg_rtt" in part.trends)).toHaveLength(1000);
    expect(parts.every((part) => part.totals["ws_msgs_sent"] === 1)).toBe(true);
  });
});

test("the order in which snapshots come changes neither totals nor trends nor sums", () => {
  const snapshots = fc
    .array(
      fc.record({
        shard: fc.nat(3),
        second: fc.nat(4),
        sent: fc.nat(1000),
        micros: fc.integer({ min: 0, max: 1e7 }),
        stage: fc.option(fc.nat(1), { nil: undefined }),
        scenario: fc.constantFrom("a", "b"),
      }),
      { minLength: 1, maxLength: 15 },
    )
    .map((all) =>
      all.map(({ shard, second, sent, micros, stage, scenario }, sequence) =>
        snapshot({
          shard,
          second,
          sequence,
          stage,
          counters: { ws_msgs_sent: sent },
          gauges: { ws_sessions_open: sent, wsctl_cpu: sent, of_a_newer_worker: sent },
          trends: { ws_msg_rtt: encoded(micros) },
          scenarios: {
            [scenario]: { counters: { ws_msgs_sent: 1 }, trends: { ws_ping: encoded(micros) } },
          },
        }),
      ),
    );
  const outcome = (all: readonly Snapshot[]): unknown => {
    const merged = new Accumulator();
    for (const one of all) merged.add(one);
    merged.settle(Infinity);
    return [
      [merged.totals(), merged.trends(), merged.peaks(), merged.series()],
      [merged.scenarios(["a", "b"], 1), merged.stages(["x", "y"])],
    ];
  };
  fc.assert(
    fc.property(snapshots, (all) => {
      expect(outcome(all.toReversed())).toEqual(outcome(all));
    }),
    { numRuns: 15 },
  );
});

test("however a run is cut into shards, seconds, scenarios and snapshots, it comes to the same", () => {
  const values = fc.array(
    fc.record({
      micros: fc.nat(10_000_000),
      shard: fc.nat(3),
      second: fc.nat(3),
      scenario: fc.constantFrom(undefined, "a", "b"),
    }),
    { minLength: 1, maxLength: 30 },
  );
  fc.assert(
    fc.property(values, (all) => {
      const merged = new Accumulator();
      for (const [sequence, { micros, scenario, ...place }] of all.entries()) {
        const figures = { counters: { ws_msgs_sent: 1 }, trends: { ws_msg_rtt: encoded(micros) } };
        const where = scenario === undefined ? figures : { scenarios: { [scenario]: figures } };
        merged.add(snapshot({ ...place, sequence, ...where }));
      }
      const whole = encoded(...all.map(({ micros }) => micros));
      expect(merged.totals()).toEqual({ ws_msgs_sent: all.length });
      expect(merged.trend("ws_msg_rtt")!.encode()).toBe(whole);
      const run = merged.measured(1000, { scenarios: [], stages: [] });
      expect(run.trend((key) => key === "ws_msg_rtt")!.encode()).toBe(whole);
      const series = merged.settle(Infinity);
      const inSeries = series.reduce((sum, one) => sum + (one.counters["ws_msgs_sent"] ?? 0), 0);
      expect(inSeries).toBe(all.length);
    }),
    { numRuns: 25 },
  );
});
