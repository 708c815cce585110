/** Shows that figures of users with a profile are told apart, and that thresholds can ask for them. */
import { describe, expect, test } from "vitest";
import { Accumulator } from "../../src/metrics/accumulator.js";
import { compareRuns } from "../../src/metrics/compare.js";
import { healthy } from "../../src/metrics/healthy.js";
import { measure } from "../../src/metrics/measure.js";
import { checkThreshold, parseMetricSelector } from "../../src/metrics/metric-selector.js";
import { parseRegressGate } from "../../src/metrics/regress-gate.js";
import { parseRunResult } from "../../src/metrics/saved-run.js";
import type { Figures, Snapshot } from "../../src/metrics/snapshot.js";
import { parseAggregate, parseThreshold } from "../../src/metrics/threshold.js";
import { Trend } from "../../src/metrics/trend.js";
import { mistakeOf } from "../message/mistake.js";
import { partWith, resultWith, summaryOf } from "../report/results.js";

function figures(sessions: number, ping: number): Figures {
  const trend = new Trend();
  trend.add(ping * 1000, sessions);
  return { counters: { ws_sessions: sessions }, trends: { ws_ping: trend.encode() } };
}

const snapshot: Snapshot = {
  shard: 0,
  sequence: 0,
  second: 1,
  span: 1000,
  stage: 0,
  counters: {},
  gauges: {},
  trends: {},
  scenarios: { chat: figures(8, 1), feed: figures(1, 2) },
  profiles: { slow: { chat: figures(2, 500) }, mute: {} },
};

const names = {
  scenarios: ["chat", "feed"],
  stages: ["main"],
  profiles: ["slow", "mute", healthy],
};

function merged(...snapshots: readonly Snapshot[]): Accumulator {
  const all = new Accumulator();
  for (const one of snapshots) all.add(one);
  return all;
}

const valueOf = (all: Accumulator, metric: string, aggregate: string): number | undefined =>
  measure(parseMetricSelector(metric), parseAggregate(aggregate), all.measured(1000, names));

describe("figures of profiles", () => {
  test("belong to their scenario, their stage and the whole as well", () => {
    const all = merged(snapshot);
    expect(all.totals()).toEqual({ ws_sessions: 11 });
    expect(all.inTraffic()).toEqual({ ws_sessions: 11 });
    expect(all.stages(["main"])[0]!.totals).toEqual({ ws_sessions: 11 });
    expect(all.scenarios(["chat", "feed"], 1).map(({ totals }) => totals["ws_sessions"])).toEqual([
      10, 1,
    ]);
    const profiles = all.profiles(names.profiles, 1000);
    expect(profiles.map(({ name, totals }) => [name, totals["ws_sessions"] ?? 0])).toEqual([
      ["slow", 2],
      ["mute", 0],
      ["healthy", 9],
    ]);
    expect(profiles.map(({ trends }) => trends["ws_ping"]?.count)).toEqual([2, undefined, 9]);
  });

  test("merge to the same over any number of workers", () => {
    const other = { ...snapshot, shard: 1 };
    const [both] = [merged(snapshot, other)];
    expect(both.profiles(names.profiles, 1)).toEqual(
      merged(other, snapshot).profiles(names.profiles, 1),
    );
    expect(valueOf(both, "ws_ping{profile:slow}", "count")).toBe(4);
  });

  test("are what thresholds with {profile:…} ask for", () => {
    const all = merged(snapshot);
    expect(valueOf(all, "ws_ping{profile:slow}", "max")).toBeCloseTo(500, 0);
    expect(valueOf(all, "ws_ping{profile:healthy}", "max")).toBeCloseTo(2, 1);
    expect(valueOf(all, "ws_ping", "max")).toBeCloseTo(500, 0);
    expect(valueOf(all, "ws_sessions{profile:mute}", "count")).toBe(0);
    expect(valueOf(all, "ws_sessions{profile:nobody}", "count")).toBeUndefined();
  });

  test.each([
    ["checks{profile:slow}", "rate>99%", /not told apart by profiles/],
    ["ws_ping{profile:slow,scenario:chat}", "p(99)<1", /profile's part of one scenario/],
    ["ws_ping{profile:slow,stage:main}", "p(99)<1", /profile's part of one stage/],
    ["wsctl_rss{profile:slow}", "value<1", /whole run/],
    ["ws_fanout_last{profile:slow}", "p(99)<1", /not told apart by profiles/],
    ["ws_fanout_coverage{stage:main}", "rate==1", /not told apart by stages/],
    ["ws_fanout_unfollowed", "rate==0", /no rate.*count==0/s],
  ])("of %s there are none", (metric, expression, words) => {
    const message = mistakeOf(() =>
      checkThreshold(parseMetricSelector(metric), parseThreshold(expression)),
    );
    expect(message).toMatch(words);
  });

  test("survive being saved, and gates of a comparison ask for them", () => {
    const trends = (ms: number) => ({ trends: { ws_ping: summaryOf(ms) } });
    const run = (ms: number) =>
      parseRunResult(
        JSON.stringify(
          resultWith({
            profiles: [partWith("slow", trends(900)), partWith("healthy", trends(ms))],
          }),
        ),
        "run.json",
      );
    const gate = parseRegressGate("ws_ping{profile:healthy} max=10%");
    const [held] = compareRuns(run(10), run(10.5), [gate]).gates;
    const [broken] = compareRuns(run(10), run(20), [gate]).gates;
    expect([held!.ok, broken!.ok]).toEqual([true, false]);
  });
});
