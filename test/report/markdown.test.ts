/** Shows a run, and two of them side by side, as Markdown; and that nothing in it is obeyed. */
import { describe, expect, test } from "vitest";
import { compareRuns } from "../../src/metrics/compare.js";
import { parseRegressGate } from "../../src/metrics/regress-gate.js";
import type { RunResult } from "../../src/metrics/run-result.js";
import { comparisonReporters } from "../../src/report/comparison.js";
import { markdownReport } from "../../src/report/markdown.js";
import { markdownText } from "../../src/report/markdown-text.js";
import { attack, hostile } from "./hostile.js";
import { eventful, plainInk, resultWith, summaryOf } from "./results.js";

/** Every table: its rows as cells, with bars that are escaped taken for text. */
function tablesOf(markdown: string): string[][][] {
  const cells = (line: string): string[] =>
    line
      .replace(/\\\|/g, "¦")
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim());
  return markdown
    .split(/\n(?!\|)/)
    .map((block) => block.split("\n").filter((line) => line.startsWith("|")))
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.map(cells));
}

describe("a run as Markdown", () => {
  test.each<[string, Partial<RunResult>, string]>([
    ["passed", {}, "## ✅ wsctl: passed"],
    ["failed", eventful, "## ❌ wsctl: 3 of 4 thresholds failed"],
    ["invalid", { validity: { ok: false, reasons: [] } }, "## ⚠️ wsctl: INVALID"],
    ["interrupted", { interrupted: true }, "## ⚠️ wsctl: interrupted"],
  ])("%s says so first", (_what, changed, headline) => {
    expect(markdownReport(resultWith(changed)).startsWith(headline)).toBe(true);
  });

  test("has tables whose rows are as wide as their heads", () => {
    const tables = tablesOf(markdownReport(resultWith(eventful)));
    expect(tables).toHaveLength(7);
    for (const [head, rule, ...rows] of tables) {
      expect(rule!.every((cell) => /^-+:?$/.test(cell))).toBe(true);
      for (const row of rows) expect(row).toHaveLength(head!.length);
    }
  });

  test("has thresholds, figures, parts, expectations and errors", () => {
    const text = markdownReport(resultWith(eventful));
    expect(text).toMatch(/\| ❌ \| ws\\_msg\\_rtt p\\\(99\\\)&#60;200 \| 312 ms, 112 ms/);
    expect(text).toMatch(/\| messages sent \| 2.000 \| 200\/s \|/);
    expect(text).toMatch(/\| `ws_msg_rtt` \|/);
    expect(text).toMatch(/### Scenarios[\s\S]*\| listener \| 0 \|/);
    expect(text).toMatch(/\| chat: join \| 3 of 100 \| got/);
    expect(text).toMatch(/\| message lost \| 10 \| sender 4, sequence 17 \|/);
  });

  test("that is hostile has neither markup, HTML nor links of its own, and whole tables", () => {
    const text = markdownReport(hostile);
    expect(text).not.toMatch(/<|:\/\/|www\.|(?<!\\)[[\]]|@(?!\u200b)/);
    for (const [head, , ...rows] of tablesOf(text)) {
      for (const row of rows) expect(row).toHaveLength(head!.length);
    }
  });

  test("text is on one line, and every mark in it escaped", () => {
    expect(markdownText("a|b\n*c* <b> `d` #1")).toBe("a\\|b⏎\\*c\\* &#60;b&#62; \\`d\\` \\#1");
    expect(markdownText("@everyone")).toBe("@\u200beveryone");
    expect(markdownText("&lt;")).toBe("&#38;lt;");
    expect(markdownText("\\|")).toBe("\\\\\\|");
  });
});

describe("two runs side by side", () => {
  const base = resultWith({ trends: { ws_msg_rtt: summaryOf(100) } });
  const now = resultWith({
    trends: { ws_msg_rtt: summaryOf(130) },
    plan: { connections: 20, targets: ["wss://localhost:9/chat"] },
  });
  const gates = ["ws_msg_rtt p(99)=10%", "ws_msgs_sent count=0"].map(parseRegressGate);
  const comparison = compareRuns(base, now, gates);

  test("as text: values, changes, gates, differences and the verdict", () => {
    const text = comparisonReporters.text(comparison, plainInk);
    expect(text).toMatch(/ws_msg_rtt p\(99\)\s+100 ms\s+130 ms\s+\+30\.\d ms\s+\+30 %/);
    expect(text).toMatch(/✗ ws_msg_rtt p\(99\)=10% {2}100 ms → 130 ms, \+30\.\d ms \(\+30 %\)/);
    expect(text).toMatch(/✓ ws_msgs_sent count=0 {2}2.000 → 2.000$/m);
    expect(text).toContain("warning: the runs are of different plans");
    expect(text).toContain("connections: 14 → 20");
    expect(text).toContain("REGRESSED  1 of 2 gates failed");
  });

  test("the other way round have become better, by as much", () => {
    const text = comparisonReporters.text(compareRuns(now, base, gates), plainInk);
    expect(text).toMatch(/ws_msg_rtt p\(99\)\s+130 ms\s+100 ms\s+−30\.\d ms\s+−23 %/);
    expect(text).toContain("OK  2 of 2 gates held");
  });

  test("that are no evidence say so", () => {
    const bad = { ...now, validity: { ok: false, reasons: [] } };
    const text = comparisonReporters.text(compareRuns(base, bad, gates), plainInk);
    expect(text).toMatch(/NO EVIDENCE/);
  });

  test("as Markdown and as JSON", () => {
    const [gateTable, figureTable] = tablesOf(comparisonReporters.markdown(comparison));
    expect(gateTable![2]).toEqual(expect.arrayContaining(["❌", "100 ms", "130 ms", "\\+30 %"]));
    expect(figureTable!.length).toBeGreaterThan(10);
    const json: unknown = JSON.parse(comparisonReporters.json(comparison));
    expect(json).toMatchObject({ $schema: "wsctl.comparison/1", verdict: "regressed" });
  });

  test.each(Object.entries(comparisonReporters))(
    "%s of hostile runs is harmless",
    (kind, render) => {
      const text = render(compareRuns(hostile, resultWith(), gates), plainInk);
      expect(text).toMatch(/\n$/);
      // oxlint-disable-next-line no-control-regex -- control characters are the subject here
      expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
      expect(kind === "json" || !text.includes(attack.slice(0, 5))).toBe(true);
      if (kind === "markdown") expect(text).not.toMatch(/<|:\/\/|@(?!\u200b)/);
    },
  );
});
