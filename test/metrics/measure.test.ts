/** Shows every figure of every kind of metric, kept to and missed, on merged data. */
import { describe, expect, test } from "vitest";
import { Accumulator } from "../../src/metrics/accumulator.js";
import { measure, passes } from "../../src/metrics/measure.js";
import { parseMetricSelector } from "../../src/metrics/metric-selector.js";
import type { Snapshot } from "../../src/metrics/snapshot.js";
import { parseThreshold } from "../../src/metrics/threshold.js";
import { Trend } from "../../src/metrics/trend.js";

const encoded = (...ms: number[]): string => {
  const trend = new Trend();
  for (const value of ms) trend.add(value * 1000);
  return trend.encode();
};

const empty: Snapshot = {
  shard: 0,
  sequence: 0,
  second: 1,
  span: 1000,
  stage: undefined,
  counters: {},
  gauges: {},
  trends: {},
  scenarios: {},
};

/** Two workers, two scenarios, two stages, 10 s of traffic. */
function measured() {
  const merged = new Accumulator();
  merged.add({
    ...empty,
    stage: 0,
    span: 2000,
    counters: { ws_msgs_sent: 100, ws_msg_stamped: 4, "ws_close{by:server,code:1000}": 2 },
    gauges: { wsctl_cpu: 0.5 },
    trends: { ws_msg_rtt: encoded(1, 2, 3, 4) },
    scenarios: {
      chat: {
        counters: {
          ws_msgs_sent: 50,
          ws_msg_delivered: 4,
          "checks{result:pass}": 3,
          "ws_expect_failed{step:first}": 1,
          "checks{result:fail}": 1,
        },
        trends: { ws_msg_rtt: encoded(100) },
      },
      "odd name": { counters: { "checks{result:pass}": 4 }, trends: { ws_ping: encoded(7) } },
    },
  });
  merged.add({
    ...empty,
    shard: 1,
    stage: 1,
    counters: { ws_msgs_sent: 850, "ws_close{by:client,code:1000}": 3 },
    gauges: { wsctl_cpu: 0.7 },
    trends: { ws_msg_rtt: encoded(5, 6, 7, 8, 9) },
  });
  merged.settle(Infinity);
  return merged.measured(10_000, {
    scenarios: ["chat", "odd name", "quiet"],
    stages: ["ramp", "steady state"],
  });
}

const run = measured();

describe("what is measured", () => {
  test.each([
    ["ws_msg_rtt", "avg", 14.5],
    ["ws_msg_rtt", "min", 1],
    ["ws_msg_rtt", "med", 5],
    ["ws_msg_rtt", "max", 100],
    ["ws_msg_rtt", "p(90)", 9],
    ["ws_msg_rtt", "p(99.9)", 100],
    ["ws_msg_rtt", "count", 10],
    ["ws_msg_rtt{scenario:chat}", "max", 100],
    ["ws_msg_rtt{stage:steady state}", "count", 5],
    ["ws_ping{scenario:odd name}", "max", 7],
    ["ws_msgs_sent", "count", 1000],
    ["ws_msgs_sent", "rate", 100],
    ["ws_msgs_sent{scenario:chat}", "rate", 5],
    ["ws_msgs_sent{stage:ramp}", "rate", 75],
    ["ws_close", "count", 5],
    ["ws_close{by:server}", "count", 2],
    ["ws_close{code:1006}", "count", 0],
    ["ws_msg_lost", "count", 0],
    ["ws_msg_lost", "rate", 0],
    ["ws_msg_lost{scenario:chat}", "count", 0],
    ["ws_msg_lost{stage:steady state}", "count", 0],
    ["ws_msgs_sent{scenario:quiet}", "count", 0],
    ["ws_expect_failed{scenario:chat,step:first}", "count", 1],
    ["ws_expect_failed{scenario:chat,step:other}", "count", 0],
    ["checks", "rate", 0.875],
    ["checks{scenario:chat}", "rate", 0.75],
    ["wsctl_cpu", "value", 0.7],
    ["ws_tls", "count", 0],
  ])("%s %s is %d", (metric, figure, value) => {
    const { aggregate } = parseThreshold(`${figure}<1`);
    const actual = measure(parseMetricSelector(metric), aggregate, run);
    expect(Math.abs(actual! - value)).toBeLessThanOrEqual(value * 0.001);
  });

  test.each([
    ["ws_tls", "p(99)"],
    ["ws_ping{scenario:chat}", "avg"],
    ["ws_msg_rtt{stage:never}", "max"],
    ["checks{scenario:never}", "rate"],
    ["ws_connect_failed{scenario:never}", "count"],
    ["ws_connect_failed{stage:never}", "rate"],
    ["ws_tls{scenario:never}", "count"],
    // None of its users has seen a stamp.
    ["ws_msg_lost{scenario:odd name}", "count"],
    ["wsctl_rss", "value"],
  ])("%s %s has no value, and passes nothing", (metric, figure) => {
    const selector = parseMetricSelector(metric);
    for (const condition of ["<1", ">=0", "!=5", "==0"]) {
      const threshold = parseThreshold(`${figure}${condition}`);
      const actual = measure(selector, threshold.aggregate, run);
      expect(actual).toBeUndefined();
      expect(passes(selector, threshold, actual)).toBe(false);
    }
  });

  test("what is tagged with a scenario's name outside of it is found, too", () => {
    const merged = new Accumulator();
    merged.add({ ...empty, counters: { "ws_expect_failed{scenario:chat,step:a}": 2 } });
    const selector = parseMetricSelector("ws_expect_failed{scenario:chat}");
    const { aggregate } = parseThreshold("count==0");
    expect(measure(selector, aggregate, merged.measured(1, { scenarios: [], stages: [] }))).toBe(2);
  });
});

test("of broadcasts that were not all followed there are no figures, but of other senders'", () => {
  const merged = new Accumulator();
  const counters = { "ws_fanout_coverage{result:pass}": 10 };
  const trends = { ws_fanout_last: encoded(1, 2) };
  merged.addLater("whole", { counters, trends });
  merged.addLater("partial", { counters: { ...counters, ws_fanout_unfollowed: 3 }, trends });
  const all = merged.measured(1000, { scenarios: ["whole", "partial"], stages: [] });
  const valueOf = (metric: string, figure: string): number | undefined =>
    measure(parseMetricSelector(metric), parseThreshold(`${figure}>0`).aggregate, all);
  expect(valueOf("ws_fanout_coverage{scenario:whole}", "rate")).toBe(1);
  expect(valueOf("ws_fanout_last{scenario:whole}", "count")).toBe(2);
  for (const of of ["", "{scenario:partial}"]) {
    expect(valueOf(`ws_fanout_coverage${of}`, "rate")).toBeUndefined();
    expect(valueOf(`ws_fanout_last${of}`, "p(95)")).toBeUndefined();
    expect(valueOf(`ws_fanout_spread${of}`, "count")).toBeUndefined();
    expect(valueOf(`ws_fanout_unfollowed${of}`, "count")).toBe(3);
  }
  expect(valueOf("ws_fanout_unfollowed{scenario:whole}", "count")).toBe(0);
});

describe("what is lost of stamped messages", () => {
  const lostOf = (counters: Record<string, number>) => {
    const merged = new Accumulator();
    merged.add({ ...empty, counters });
    const { aggregate } = parseThreshold("count==0");
    const known = merged.measured(1, { scenarios: [], stages: [] });
    return measure(parseMetricSelector("ws_msg_lost"), aggregate, known);
  };

  test.each<[string, Record<string, number>, number | undefined]>([
    ["all of them, where senders were to hear themselves", { ws_msg_lost: 9 }, 9],
    ["none, where some came", { ws_msg_delivered: 1 }, 0],
    ["nobody knows, where all came damaged", { ws_msg_corrupt: 9 }, undefined],
    ["nobody knows, where nobody looked", {}, undefined],
    [
      "nobody knows, where there were too many streams",
      { ws_msg_delivered: 8, ws_msg_unfollowed: 1 },
      undefined,
    ],
    [
      "nobody knows how many, where there were too many streams",
      { ws_msg_delivered: 8, ws_msg_lost: 2, ws_msg_unfollowed: 1 },
      undefined,
    ],
  ])("%s", (_what, counters, value) => {
    expect(lostOf({ ws_msg_stamped: 9, ...counters })).toBe(value);
  });
});

describe("a run whose parts are not told apart", () => {
  const merged = new Accumulator();
  merged.add({
    ...empty,
    counters: { ws_msgs_sent: 7, "ws_connect_failed{reason:refused}": 2 },
    trends: { ws_msg_rtt: encoded(1, 2) },
  });
  const bare = merged.measured(1000, { scenarios: [], stages: [] });

  test.each([
    ["ws_msgs_sent{scenario:main}", "count", 7],
    ["ws_connect_failed{scenario:main,reason:refused}", "count", 2],
    ["ws_msg_rtt{scenario:main}", "count", 2],
    ["ws_msg_rtt{stage:only}", "count", 2],
  ])("is the whole of its only one: %s %s is %d", (metric, figure, value) => {
    const { aggregate } = parseThreshold(`${figure}<1`);
    expect(measure(parseMetricSelector(metric), aggregate, bare)).toBe(value);
  });
});

test("parts of one name are taken together, and each keeps its own figures", () => {
  const merged = new Accumulator();
  for (const stage of [0, 1, 2]) {
    merged.add({ ...empty, second: stage, stage, counters: { ws_sessions: 10 ** stage } });
  }
  const whole = merged.measured(3000, { scenarios: [], stages: ["ramp", "hold", "ramp"] });
  const count = (metric: string, figure: string) =>
    measure(parseMetricSelector(metric), parseThreshold(`${figure}<1`).aggregate, whole);
  expect(count("ws_sessions{stage:ramp}", "count")).toBe(101);
  expect(count("ws_sessions{stage:ramp}", "rate")).toBe(50.5);
  expect(count("ws_sessions{stage:hold}", "count")).toBe(10);
});

describe("the fate of stamped messages", () => {
  test.each([
    [{}, undefined],
    [{ ws_msg_stamped: 5 }, undefined],
    [{ ws_msg_stamped: 5, ws_msg_delivered: 5 }, 0],
    [{ ws_msg_stamped: 5, ws_msg_delivered: 4, ws_msg_lost: 1 }, 1],
  ])("of %j is %s", (counters: Record<string, number>, lost) => {
    const merged = new Accumulator();
    merged.add({ ...empty, counters });
    const whole = merged.measured(1000, { scenarios: [], stages: [] });
    const { aggregate } = parseThreshold("count==0");
    const count = (metric: string) => measure(parseMetricSelector(metric), aggregate, whole);
    expect(count("ws_msg_lost")).toBe(lost);
    for (const other of ["duplicate", "reordered", "corrupt"]) {
      expect(count(`ws_msg_${other}`)).toBe(lost === undefined ? undefined : 0);
    }
  });
});

describe("a rate", () => {
  const rateOf = (merged: Accumulator, metric: string) =>
    measure(
      parseMetricSelector(metric),
      parseThreshold("rate<1").aggregate,
      merged.measured(2000, { scenarios: ["chat"], stages: ["only"] }),
    );

  test("leaves out what came before and after the stages", () => {
    const merged = new Accumulator();
    for (const [second, stage] of [undefined, 0, 0, undefined].entries()) {
      const chat = { counters: { ws_close: 10 }, trends: {} };
      merged.add({ ...empty, second, stage, scenarios: { chat } });
    }
    expect(rateOf(merged, "ws_close")).toBe(10);
    expect(rateOf(merged, "ws_close{scenario:chat}")).toBe(10);
    expect(merged.scenarios(["chat"], 2000)[0]).toMatchObject({
      totals: { ws_close: 40 },
      inTraffic: { ws_close: 20 },
    });
  });

  test("leaves out the seconds in which no traffic flowed, where no stages are", () => {
    const merged = new Accumulator();
    merged.trafficBetween(1500, 3500);
    for (let second = 1; second <= 6; second++) {
      merged.add({ ...empty, second, counters: { ws_close: 10 } });
    }
    expect(merged.totals()).toEqual({ ws_close: 60 });
    expect(merged.inTraffic()).toEqual({ ws_close: 30 });
  });
});

describe("each figure keeps to a bound and misses one", () => {
  test.each([
    ["ws_msg_rtt", "avg<15", "avg<14"],
    ["ws_msg_rtt", "min>=1", "min>1.1"],
    ["ws_msg_rtt", "med<=5.1", "med<5"],
    ["ws_msg_rtt", "max<0.2s", "max<0.05s"],
    ["ws_msg_rtt", "p(90)<10ms", "p(90)<8ms"],
    ["ws_msg_rtt", "count===10", "count!=10"],
    ["ws_msgs_sent", "count>=1k", "count>1k"],
    ["ws_msgs_sent", "rate==100/s", "rate<100/s"],
    ["ws_msg_lost", "count==0", "count>0"],
    ["ws_msg_lost", "rate<1", "rate>=1"],
    ["checks", "rate>87%", "rate>0.88"],
    ["wsctl_cpu", "value<80%", "value<70%"],
  ])("%s %s, not %s", (metric, kept, missed) => {
    const selector = parseMetricSelector(metric);
    const holds = (text: string): boolean => {
      const threshold = parseThreshold(text);
      return passes(selector, threshold, measure(selector, threshold.aggregate, run));
    };
    expect([holds(kept), holds(missed)]).toEqual([true, false]);
  });
});
