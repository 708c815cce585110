/** Shows two runs side by side: the verdict first, then which runs they are, then what changed. */
import { Chalk } from "chalk";
import { describe, expect, test } from "vitest";
import { compareRuns, type Comparison } from "../../src/metrics/compare.js";
import { parseRegressGate } from "../../src/metrics/regress-gate.js";
import { comparisonReporters, type ComparisonPage } from "../../src/report/comparison.js";
import { attack, hostile } from "./hostile.js";
import { expectHarmless, tablesOf } from "./read-markdown.js";
import { plainInk, resultWith, runWith, summaryOf } from "./results.js";

describe("two runs side by side", () => {
  const base = resultWith({ trends: { ws_msg_rtt: summaryOf(100) } });
  const now = resultWith({
    ...runWith({ scenario: "chat.yaml" }),
    trends: { ws_msg_rtt: summaryOf(130) },
    plan: { connections: 20, targets: ["wss://example.test/"] },
    env: { ...base.env, wsctl: "0.2.0" },
  });
  const gates = ["ws_msg_rtt p(99)=10%", "ws_msgs_sent count=0"].map(parseRegressGate);
  const files = { base: "base.json", now: "runs/newer.json" };
  const comparison = compareRuns(base, now, gates, files);
  const page = (of: Comparison): ComparisonPage => ({ comparison: of, isAll: false });

  test("as text: the verdict and the gates come first", () => {
    const text = comparisonReporters.text(page(comparison), plainInk);
    const lines = text.split("\n").filter((line) => line !== "");
    expect(lines.slice(0, 3)).toEqual([
      "  REGRESSED  1 of 2 gates failed",
      expect.stringMatching(
        /^ {2}✗ ws_msg_rtt p\(99\)=10% {2}100 ms → 130 ms, \+30\.\d ms \(\+30 %\)$/,
      ),
      expect.stringMatching(/^ {2}✓ ws_msgs_sent count=0 {2}2.000, unchanged$/),
    ]);
  });

  test("as text: then which runs they are, and in what they differ", () => {
    const [, about] = comparisonReporters.text(page(comparison), plainInk).trim().split("\n\n");
    expect(about!.split("\n").map((line) => line.trim())).toEqual([
      "base  base.json        2026-01-02 03:04:05 UTC  10.0 s of traffic",
      "new   runs/newer.json  2026-01-02 03:04:05 UTC  10.0 s of traffic",
    ]);
    const text = comparisonReporters.text(page(comparison), plainInk);
    expect(text).toContain("warning: the runs differ in target, scenario, version and plan\n");
    expect(text).toMatch(/targets\.0: wss:\/\/localhost:9\/chat → wss:\/\/example\.test\/\n/);
    expect(text).toMatch(/scenario: none → chat\.yaml\n[^]*wsctl: 0\.1\.0 → 0\.2\.0\n/);
    expect(text).toContain("connections: 14 → 20");
  });

  test("as text: the round trip percentile by percentile, and what else changed", () => {
    const text = comparisonReporters.text(page(comparison), plainInk);
    expect(text).toMatch(/ws_msg_rtt p\(50\)\s+100 ms\s+130 ms\s+\+30\.\d ms\s+\+30 %/);
    expect(text).toMatch(/ws_msg_rtt p\(99\)\s+100 ms\s+130 ms\s+\+30\.\d ms\s+\+30 %/);
    expect(text).toMatch(/ws_msgs_sent rate\s+200\/s\s+200\/s\n/);
    expect(text).not.toMatch(/ws_msg_rtt (?:min|avg)|wsctl_rss|ws_tcp|ws_bytes_sent/);
    expect(text).toMatch(/\d+ more figures with --all\n/);
    const all = comparisonReporters.text({ comparison, isAll: true }, plainInk);
    for (const name of ["ws_msg_rtt avg", "wsctl_rss", "ws_bytes_sent count"]) {
      expect(all).toContain(name);
    }
    expect(all).not.toContain("--all");
  });

  test("as text: only what changed noticeably is coloured", () => {
    const ink = { chalk: new Chalk({ level: 1 }), width: 120 };
    const near = compareRuns(base, { ...base, trends: { ws_msg_rtt: summaryOf(101) } }, []);
    const far = comparisonReporters.text(page(comparison), ink);
    expect(far).toContain("\u001b[31m+30 %");
    for (const colour of ["\u001b[31m", "\u001b[32m"]) {
      expect(comparisonReporters.text(page(near), ink)).not.toContain(colour);
    }
    const better = compareRuns(now, base, []);
    expect(comparisonReporters.text(page(better), ink)).toContain("\u001b[32m−23 %");
  });

  test.each([
    [{}, {}, "measured in neither run"],
    [{ ws_tls: summaryOf(1) }, {}, "not measured in the new run"],
    [{}, { ws_tls: summaryOf(1) }, "not measured in the base run"],
  ])("a gate on what is not there says where it is not", (before, after, told) => {
    const gate = [parseRegressGate("ws_tls p(99)=10%")];
    const runs = [before, after].map((trends) => resultWith({ trends }));
    const text = comparisonReporters.text(page(compareRuns(runs[0]!, runs[1]!, gate)), plainInk);
    expect(text).toContain(`✗ ws_tls p(99)=10%  ${told}\n`);
    expect(text).toContain("NOT MEASURED  1 of 1 gate failed for want of a value\n");
    const both = [...gate, parseRegressGate("ws_msgs_sent count=0")];
    const fewer = resultWith({ trends: after, totals: { ws_msgs_sent: 1 } });
    const mixed = comparisonReporters.text(page(compareRuns(runs[0]!, fewer, both)), plainInk);
    expect(mixed).toContain("REGRESSED  2 of 2 gates failed, 1 of them for want of a value\n");
  });

  test("the change of a share is told in points, and relative to the base", () => {
    const checks = (pass: number) =>
      resultWith({ totals: { "checks{result:pass}": pass, "checks{result:fail}": 1000 - pass } });
    const gate = [parseRegressGate("checks rate=1pp")];
    const lines = (before: number, after: number): string =>
      comparisonReporters.text(page(compareRuns(checks(before), checks(after), gate)), plainInk);
    expect(lines(1000, 944)).toContain("100 % → 94.4 %, −5.6 points (−5.6 %)\n");
    expect(lines(500, 510)).toContain("50 % → 51 %, +1 point (+2 %)\n");
    expect(lines(500, 510)).toMatch(/checks rate +50 % +51 % +\+1 point +\+2 %\n/);
  });

  test.each([80, 120])("as text keeps to %d columns", (width) => {
    const text = comparisonReporters.text(page(comparison), { ...plainInk, width });
    for (const line of text.split("\n")) expect(line.length, line).toBeLessThanOrEqual(width);
  });

  test("the other way round have become better, by as much", () => {
    const text = comparisonReporters.text(page(compareRuns(now, base, gates)), plainInk);
    expect(text).toMatch(/ws_msg_rtt p\(99\)\s+130 ms\s+100 ms\s+−30\.\d ms\s+−23 %/);
    expect(text).toContain("OK  2 of 2 gates held");
  });

  test("differ in what the scenario calls by these names, with units", () => {
    const planned = (flow: object) =>
      resultWith({ plan: { ...base.plan, traffic: { model: "flow", flow } } });
    const text = comparisonReporters.text(
      page(
        compareRuns(
          planned({ reconnect: { kind: "fixed", base: 500 }, events: [{ drop: 0.3, at: 100 }] }),
          planned({
            reconnect: { kind: "exponential", base: 2000 },
            events: [{ drop: 0.5, at: 0 }],
          }),
          [],
        ),
      ),
      plainInk,
    );
    expect(text).toContain("  reconnect.policy: fixed → exponential\n");
    expect(text).toContain("  reconnect.base: 500 ms → 2.00 s\n");
    expect(text).toContain("  events[0].drop: 30 % → 50 %\n");
    expect(text).toContain("  events[0].at: 100 ms → 0\n");
    expect(text).not.toContain("traffic.flow");
  });

  test("that are no evidence say so", () => {
    const bad = { ...now, validity: { ok: false, reasons: [] } };
    const text = comparisonReporters.text(page(compareRuns(base, bad, gates)), plainInk);
    expect(text).toMatch(/NO EVIDENCE/);
  });

  test("as Markdown and as JSON", () => {
    const text = comparisonReporters.markdown(page(comparison));
    const [gateTable, figureTable] = tablesOf(text);
    expect(text).toMatch(/^## ❌ wsctl: REGRESSED {2}1 of 2 gates failed\n\n\| {2}\| gate/);
    expect(text).toContain("- base: `base.json`, 2026-01-02 03:04:05 UTC, 10.0 s of traffic\n");
    expect(gateTable![2]!.slice(0, 2)).toEqual(["❌", "`ws_msg_rtt p(99)=10%`"]);
    expect(gateTable![2]![2]).toMatch(/^100 ms → 130 ms, \+30\.\d ms \(\+30 %\)$/);
    expect(figureTable!.flat()).toContain("**`ws_msg_rtt p(99)`**");
    expect(figureTable!.flat()).toContain("`ws_msgs_sent rate`");
    expect(text).not.toContain("\\");
    const json: unknown = JSON.parse(comparisonReporters.json(page(comparison)));
    expect(json).toMatchObject({ $schema: "wsctl.comparison/1", verdict: "regressed" });
  });

  test.each(Object.entries(comparisonReporters))(
    "%s of hostile runs is harmless",
    (kind, render) => {
      const text = render(page(compareRuns(hostile, resultWith(), gates)), plainInk);
      expect(text).toMatch(/\n$/);
      // oxlint-disable-next-line no-control-regex -- control characters are the subject here
      expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
      expect(kind === "json" || !text.includes(attack.slice(0, 5))).toBe(true);
      if (kind === "markdown") expectHarmless(text);
    },
  );
});
