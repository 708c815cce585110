/** Shows two runs side by side: every change, what of it is for the worse, and what is too much. */
import { describe, expect, test } from "vitest";
import { compareRuns, figureName, type Comparison } from "../../src/metrics/compare.js";
import { parseRegressGate } from "../../src/metrics/regress-gate.js";
import type { RunResult } from "../../src/metrics/run-result.js";
import { mistakeOf } from "../message/mistake.js";
import { eventful, partWith, resultWith, runWith, summaryOf } from "../report/results.js";

const invalid = {
  validity: { ok: false, reasons: [{ code: "cpu-saturated" as const, detail: "d", remedy: "r" }] },
};

function between(
  base: Partial<RunResult>,
  now: Partial<RunResult>,
  ...gates: string[]
): Comparison {
  return compareRuns(resultWith(base), resultWith(now), gates.map(parseRegressGate));
}

/** Without them nobody knows of losses. */
const stamps = { ws_msg_stamped: 10, ws_msg_delivered: 6 };

const figure = (comparison: Comparison, name: string) =>
  comparison.figures.find((one) => figureName(one) === name);

describe("figures side by side", () => {
  const comparison = between(
    {
      trends: { ws_msg_rtt: summaryOf(10, 20) },
      totals: { ...stamps, ws_msgs_sent: 100, ws_msg_lost: 4 },
    },
    {
      trends: { ws_msg_rtt: summaryOf(10, 30) },
      totals: { ...stamps, ws_msgs_sent: 50, ws_msg_timeout: 1 },
    },
  );

  test("are told with their change, absolute and relative", () => {
    const max = figure(comparison, "ws_msg_rtt max")!;
    expect(max.base).toBeCloseTo(20, 1);
    expect(max.change).toBeCloseTo(10, 1);
    expect(max.relative).toBeCloseTo(0.5, 2);
    expect(max.isWorse).toBe(true);
    expect(figure(comparison, "ws_msg_rtt p(50)")).toMatchObject({ change: 0, isWorse: false });
    expect(figure(comparison, "ws_msg_rtt p(99.9)")!.change).toBeCloseTo(10, 1);
  });

  test("are worse when times rise or messages fail to come, not when losses do", () => {
    const sent = { base: 100, now: 50, change: -50, relative: -0.5, isWorse: true };
    expect(figure(comparison, "ws_msgs_sent count")).toMatchObject(sent);
    expect(figure(comparison, "ws_msgs_sent rate")).toMatchObject({ base: 10, now: 5 });
    expect(figure(comparison, "ws_msg_lost count")).toMatchObject({ change: -4, isWorse: false });
    const timeout = { base: 0, now: 1, relative: undefined, isWorse: true };
    expect(figure(comparison, "ws_msg_timeout count")).toMatchObject(timeout);
  });

  test("that neither run has are left out; those of one run are told", () => {
    expect(figure(comparison, "ws_tls max")).toBeUndefined();
    const one = between({ trends: {} }, { trends: { ws_tls: summaryOf(3) } });
    expect(figure(one, "ws_tls max")).toMatchObject({ base: undefined, change: undefined });
  });

  test("of equal runs have no change", () => {
    const same = between({}, {});
    expect(same.figures.length).toBeGreaterThan(20);
    for (const { change, isWorse } of same.figures) {
      expect([change, isWorse]).toEqual([0, false]);
    }
    expect(same).toMatchObject({ warnings: [], differences: [], verdict: "ok" });
  });
});

describe("a change is noticeable", () => {
  const rtt = (ms: number) => ({ trends: { ws_msg_rtt: summaryOf(ms) } });
  const sent = (count: number) => ({ totals: { ws_msgs_sent: count } });
  const checks = (pass: number) => ({
    totals: { "checks{result:pass}": pass, "checks{result:fail}": 1000 - pass },
  });

  test.each([
    ["ws_msg_rtt p(99)", rtt(100), rtt(104), false],
    ["ws_msg_rtt p(99)", rtt(100), rtt(106), true],
    // Some µs are nothing, however many times as much.
    ["ws_msg_rtt p(99)", rtt(0.01), rtt(0.02), false],
    ["ws_msgs_sent count", sent(0), sent(1), true],
    ["ws_msgs_sent count", sent(1000), sent(1001), false],
    ["checks rate", checks(1000), checks(998), true],
    ["ws_tls max", {}, { trends: { ws_tls: summaryOf(3) } }, false],
  ])("%s from %j to %j: %s", (name, base, now, isNoticeable) => {
    expect(figure(between({ trends: {}, ...base }, now), name)).toMatchObject({ isNoticeable });
  });
});

describe("a gate", () => {
  test.each([
    ["ws_msg_rtt p(99)=10%", { kind: "relative", share: 0.1 }],
    ["ws_msg_rtt:p(99) = 10 %", { kind: "relative", share: 0.1 }],
    ["ws_msg_rtt{scenario:chat} avg=5ms", { kind: "absolute", amount: 5 }],
    ["ws_msg_rtt{scenario:chat}avg=1.5s", { kind: "absolute", amount: 1500 }],
    ["ws_msg_lost count=0", { kind: "absolute", amount: 0 }],
    ["checks rate=1pp", { kind: "absolute", amount: 0.01 }],
    ["wsctl_rss value=64MiB", { kind: "absolute", amount: 64 * 1024 * 1024 }],
  ])("%j is read", (text, allowed) => {
    expect(parseRegressGate(text)).toMatchObject({ allowed, text });
  });

  test.each([
    ["", /does not say what may be worse/],
    ["ws_msg_rtt", /does not say/],
    ["ws_msg_rtt=10%", /does not say/],
    ["ws_msg_rtt p(99)", /does not say/],
    ["ws_msg_rtt p(99)=", /does not say/],
    ["ws_msg_rtt p(99)=x", /not a time/],
    ["ws_msg_rtt p(99)=-5%", /not a time/],
    ["ws_msg_rtt p(99)<10%", /does not say/],
    ["ws_mgs_rtt p(99)=10%", /did you mean ws_msg_rtt/],
    ["ws_msg_rtt rate=10%", /has no rate/],
    ["ws_msg_rtt agv=10%", /did you mean avg/],
    ["ws_msg_lost count=5ms", /not a count/],
    ["x".repeat(9999), /does not say/],
    [`ws_msg_rtt${" ".repeat(600)}`, /does not say/],
  ])("%j is refused", (text, told) => {
    expect(mistakeOf(() => parseRegressGate(text))).toMatch(told);
  });

  const base = {
    trends: { ws_msg_rtt: summaryOf(100) },
    totals: { ...stamps, ws_msgs_sent: 100, "checks{result:pass}": 99, "checks{result:fail}": 1 },
  };
  const now = {
    trends: { ws_msg_rtt: summaryOf(108) },
    totals: {
      ...stamps,
      ws_msgs_sent: 90,
      ws_msg_lost: 1,
      "checks{result:pass}": 97,
      "checks{result:fail}": 3,
    },
  };

  test.each([
    ["ws_msg_rtt p(99)=10%", true],
    ["ws_msg_rtt p(99)=5%", false],
    ["ws_msg_rtt p(99)=9ms", true],
    ["ws_msg_rtt p(99)=7ms", false],
    ["ws_msgs_sent count=10%", true],
    ["ws_msgs_sent count=9%", false],
    ["ws_msgs_sent rate=1/s", true],
    ["ws_msg_lost count=0", false],
    ["ws_msg_lost count=1", true],
    // Of nothing every share is nothing.
    ["ws_msg_lost count=50%", false],
    ["checks rate=2.1pp", true],
    ["checks rate=1.9pp", false],
    // What was not measured cannot have held.
    ["ws_tls p(99)=10%", false],
    ["ws_msg_rtt{scenario:chat} p(99)=10%", false],
  ])("%s: %s", (gate, ok) => {
    const comparison = between(base, now, gate);
    expect(comparison.gates).toMatchObject([{ gate, ok }]);
    expect(comparison.verdict).toBe(ok ? "ok" : "regressed");
  });

  test("never fails for what has become better", () => {
    const gates = ["ws_msg_rtt p(99)=0%", "ws_msgs_sent count=0%", "ws_msg_lost count=0"];
    expect(between(now, base, ...gates).verdict).toBe("ok");
  });

  test.each([
    ["ws_msg_lost count=0", {}, false],
    ["ws_msg_lost count=0", { ws_msg_stamped: 5 }, false],
    ["ws_msg_lost count=0", { ws_msg_stamped: 5, ws_msg_delivered: 5 }, true],
    ["ws_msg_timeout count=0", {}, false],
    ["ws_msg_timeout count=0", { ws_msg_expected: 5 }, true],
    ["ws_expect_failed count=0", {}, false],
    ["ws_expect_failed count=0", { "checks{result:pass}": 5 }, true],
    ["ws_connect_failed count=0", {}, true],
  ])("%s of runs that counted %j: %s", (gate, totals, ok) => {
    expect(between({ totals }, { totals }, gate).gates).toMatchObject([{ ok }]);
  });

  test("on how many there were fails when there are fewer", () => {
    const [many, few] = [{ ws_msg_rtt: summaryOf(1, 2, 3, 4) }, { ws_msg_rtt: summaryOf(1) }];
    const gate = "ws_msg_rtt count=10%";
    expect(between({ trends: many }, { trends: few }, gate).verdict).toBe("regressed");
    expect(between({ trends: few }, { trends: many }, gate).verdict).toBe("ok");
  });

  test("on a rate are held against what fell within the traffic", () => {
    const totals = { ws_close: 100 };
    const gate = "ws_close rate=0";
    const quiet = { totals, inTraffic: { ws_close: 10 } };
    expect(between(quiet, { totals, inTraffic: { ws_close: 10 } }, gate).gates).toMatchObject([
      { base: 1, now: 1, ok: true },
    ]);
    expect(between(quiet, { totals, inTraffic: { ws_close: 20 } }, gate).verdict).toBe("regressed");
  });

  test("may be of a scenario or of a stage", () => {
    const slow = partWith("b", { trends: { ws_msg_rtt: summaryOf(500) } });
    const comparison = between(
      { scenarios: [partWith("b")], stages: [partWith("b")] },
      { scenarios: [slow], stages: [partWith("b")] },
      "ws_msg_rtt{scenario:b} max=10%",
      "ws_msg_rtt{stage:b} max=10%",
    );
    expect(comparison.gates.map(({ ok }) => ok)).toEqual([false, true]);
  });
});

describe("runs that cannot be compared", () => {
  test.each([
    ["base", invalid, {}],
    ["new", {}, invalid],
  ])("the %s run is INVALID: gates say nothing", (which, base, now) => {
    const comparison = between(base, now, "ws_msg_rtt p(99)=10%");
    expect(comparison.verdict).toBe("no-evidence");
    expect(comparison.warnings).toEqual([
      `the ${which} run is INVALID (cpu-saturated): its figures are no evidence`,
    ]);
  });

  test("one that was ended by its user is no evidence either", () => {
    const comparison = between({}, { interrupted: true }, "ws_msg_rtt p(99)=10%");
    expect(comparison).toMatchObject({ verdict: "no-evidence" });
    expect(comparison.warnings[0]).toMatch(/new run was ended before its time/);
  });

  test("one that a threshold ended is no evidence, whatever it came to", () => {
    const [threshold] = eventful.thresholds!;
    for (const [base, now] of [
      [{ thresholds: [threshold!] }, {}],
      [{}, { thresholds: [threshold!] }],
    ] as const) {
      const comparison = between(base, now, "ws_msg_rtt p(99)=10%");
      expect(comparison.verdict).toBe("no-evidence");
      expect(comparison.warnings[0]).toMatch(/run was ended by a threshold that failed/);
    }
  });

  test("without gates are shown all the same", () => {
    expect(between(invalid, {})).toMatchObject({ verdict: "ok" });
  });

  test("machines, programs and plans that differ are named", () => {
    const { env } = resultWith();
    const comparison = between(
      { plan: { connections: 10, traffic: { model: "rate", rate: 5 }, gone: 1 } },
      {
        env: { ...env, cores: 8, node: "24.0.0" },
        ...runWith({ workers: 7 }),
        plan: { connections: 10, traffic: { model: "rate", rate: 6 }, targets: ["ws://x/"] },
      },
    );
    expect(comparison.warnings).toEqual(["the runs differ in target, version, machine and plan"]);
    expect(comparison.differences).toEqual(
      expect.arrayContaining([
        { kind: "machine", path: "cores", base: "4", now: "8" },
        { kind: "version", path: "node", base: '"20.19.0"', now: '"24.0.0"' },
        { kind: "machine", path: "workers", base: "2", now: "7" },
        { kind: "plan", path: "traffic.rate", base: "5", now: "6" },
        { kind: "plan", path: "gone", base: "1", now: undefined },
        { kind: "target", path: "targets", base: undefined, now: '["ws://x/"]' },
      ]),
    );
  });

  test("neither a drawn seed nor the port of a server on this machine is a difference", () => {
    const plan = (port: number, seed: number) => ({
      plan: { targets: [`ws://127.0.0.1:${port}/chat`], traffic: { flow: { seed } } },
    });
    expect(between(plan(1234, 1), plan(5678, 2)).differences).toEqual([]);
    const elsewhere = { plan: { targets: ["ws://example.test:5678/chat"] } };
    expect(between(plan(1234, 1), elsewhere).differences).not.toEqual([]);
  });

  test.each([
    [{ plan: { duration: 10_000 } }, { plan: { duration: 5000 } }, "duration", "duration"],
    [{}, runWith({ trafficFor: 9000 }), "duration", "trafficFor"],
    [{}, runWith({ scenario: "a.yaml" }), "scenario", "scenario"],
  ])("%j and %j differ in %s", (base, now, kind, path) => {
    const { warnings, differences } = between(base, now);
    expect(warnings).toEqual([`the runs differ in ${kind}`]);
    expect(differences).toMatchObject([{ kind, path }]);
    expect(between({}, runWith({ trafficFor: 9900 })).differences).toEqual([]);
  });

  test("are not told of for ever", () => {
    const many = (shift: number) => ({
      plan: Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`k${i}`, i + shift])),
    });
    expect(between(many(0), many(1)).differences.length).toBeLessThanOrEqual(20);
  });
});

describe("the circumstances of two runs", () => {
  const threshold = (expression: string, line: number, more: object = {}) => ({
    metric: "ws_msg_rtt",
    expression,
    abortOnFail: false,
    after: 0,
    place: `a.yaml:${line}:1`,
    ...more,
  });
  const planned = (thresholds: unknown): Partial<RunResult> => ({
    plan: { targets: ["wss://localhost:9/chat"], connections: 14, thresholds },
  });
  const told = (base: unknown, now: unknown): string[] =>
    between(planned(base), planned(now)).differences.map(({ path }) => path);

  test("are the same with the same thresholds in another order, at other places", () => {
    const [one, two] = [threshold("p(95)<1s", 1), threshold("p(99)<2s", 2)];
    expect(told([one, two], [two, { ...one, place: "b/c.yaml:9:9" }])).toEqual([]);
    expect(told([one], [two, one])).toEqual(["thresholds.ws_msg_rtt: p(99)<2s"]);
    expect(told([one, two], [two])).toEqual(["thresholds.ws_msg_rtt: p(95)<1s"]);
    const aborting = threshold("p(95)<1s", 1, { abortOnFail: true });
    expect(told([one], [aborting])).toEqual(["thresholds.ws_msg_rtt: p(95)<1s.abortOnFail"]);
  });

  test("may hold thresholds that are none", () => {
    expect(told([null, 3, "x"], ["x", null, 3])).toEqual([]);
    expect(told([{ metric: "__proto__" }], 3)).toEqual(["thresholds"]);
    expect(told(undefined, undefined)).toEqual([]);
  });

  test.each([
    ["load/chat.yaml", "../other/load/chat.yaml", []],
    ["C:\\load\\chat.yaml", "chat.yaml", []],
    ["chat.yaml", "talk.yaml", ["scenario"]],
    [undefined, "chat.yaml", ["scenario"]],
  ])("%s and %s", (base, now, paths) => {
    const runs = [base, now].map((scenario) => runWith({ scenario }));
    expect(between(runs[0]!, runs[1]!).differences.map(({ path }) => path)).toEqual(paths);
  });
});
