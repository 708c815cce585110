/** Shows what a person reads of broadcasts: how many got them, when the last one did, and who did not. */
import { describe, expect, test } from "vitest";
import type { FanOut, FanOutExample } from "../../src/metrics/fan-out.js";
import type { RunResult } from "../../src/metrics/run-result.js";
import { parseRunResult } from "../../src/metrics/saved-run.js";
import { markdownReport } from "../../src/report/markdown.js";
import { textReport } from "../../src/report/text.js";
import { mistakeOf } from "../message/mistake.js";
import { plainInk, resultWith, summaryOf } from "./results.js";

const example: FanOutExample = {
  scenario: "speaker",
  sender: 3,
  sequence: 117,
  at: 12_300,
  expected: 1000,
  reached: 500,
  first: 1,
  median: 4,
  last: 20,
  missed: [1, 5, 7],
  missedAt: [0, 500],
};

const whole: FanOut = {
  settle: 5000,
  broadcasts: 100,
  complete: 100,
  expected: 100_000,
  reached: 100_000,
  unheard: 0,
  withoutAudience: 0,
  unfollowed: 0,
  withoutCircle: 0,
  late: 0,
  audiences: [
    {
      scenario: "speaker",
      audience: "all",
      broadcasts: 100,
      complete: 100,
      expected: 100_000,
      reached: 100_000,
    },
  ],
  worst: [],
  slowest: [{ ...example, reached: 1000, missed: [], missedAt: [] }],
  stretch: 1000,
  course: [0, 1, 2, 3].map((second) => ({
    at: second * 1000,
    broadcasts: 25,
    complete: 25,
    expected: 25_000,
    reached: 25_000,
    last: 10 + second * 10,
  })),
};

const broken: FanOut = {
  ...whole,
  complete: 90,
  reached: 95_000,
  unheard: 1,
  worst: [example],
  course: whole.course.map((one, second) => (second === 2 ? { ...one, reached: 20_000 } : one)),
};

const runOf = (fanOut: FanOut | undefined, changed: Partial<RunResult> = {}): RunResult =>
  resultWith({
    fanOut,
    plan: { targets: ["ws://a.test/", "ws://b.test/"], connections: 1000 },
    trends: {
      ws_fanout_first: summaryOf(1),
      ws_fanout_median: summaryOf(5),
      ws_fanout_last: summaryOf(10, 20, 30),
      ws_fanout_spread: summaryOf(9),
    },
    ...changed,
  });

const text = (result: RunResult): string => textReport(result, plainInk).replaceAll("\u2009", " ");

describe("as text", () => {
  test("nothing is said of a run without an audience", () => {
    expect(text(runOf(undefined))).not.toContain("fan-out");
  });

  test("all reached: the sum, each figure, the last recipient over time, the slowest", () => {
    const report = text(runOf(whole));
    expect(report).toContain("✓ 100 broadcasts, 100 % of 100 000 recipients reached: everyone");
    expect(report).toContain("speaker to 1 000 (audience: all)");
    expect(report).toMatch(/ws_fanout_last +10\.0 ms +20\.0 ms/);
    expect(report).toMatch(/last recipient +▂▄▆█ +at most 40\.0 ms/);
    expect(report).not.toContain("recipients missed");
    expect(report).toContain("user 3 (speaker), message 117, sent after 12.3 s: reached 1 000 of");
  });

  test("some missed: how many, when, who, and where they were connected", () => {
    const report = text(runOf(broken));
    expect(report).toContain("✗ 100 broadcasts, 90 of them to everyone; 95 % of 100 000");
    expect(report).toContain("10 missed 5 000 recipients in all; 1 reached nobody");
    expect(report).toMatch(/recipients missed +▁▁█▁ +at most 5 000/);
    expect(report).toMatch(/missed by 500: user 1, 5, 7 … \(500 on ws:\/\/b\.test\/\)/);
  });

  test("what is not known is said", () => {
    const doubtful = { ...whole, unfollowed: 9, withoutCircle: 2, withoutAudience: 8, late: 9 };
    const report = text(runOf(doubtful));
    expect(report).toContain("7 broadcasts were not followed, as too many were under way");
    expect(report).toContain("2 broadcasts were not followed, as there was no room");
    // Of what nobody looked at, nobody knows that it was whole.
    expect(report).toContain("? 100 broadcasts followed, 100 of them to everyone");
    expect(report).not.toMatch(/✓ 100 broadcasts|each time/);
    expect(report).toContain("8 broadcasts were sent while nobody was there");
    expect(report).toContain("9 messages came later than 5.00 s after their sending");
  });

  test("no broadcast is no success", () => {
    const none = { ...whole, broadcasts: 0, complete: 0, expected: 0, reached: 0, course: [] };
    const report = text(runOf({ ...none, withoutAudience: 2 }));
    expect(report).toContain("no broadcast had an audience");
    expect(report).toContain("2 broadcasts were sent while nobody was there");
    const unfollowed = runOf({ ...none, unfollowed: 7, withoutCircle: 7 });
    expect(text(unfollowed)).toContain("no broadcast was followed");
    expect(text(unfollowed)).not.toContain("no broadcast had an audience");
    const markdown = markdownReport(unfollowed);
    expect(markdown).toContain("no broadcast was followed");
    expect(markdown).toContain("- 7 broadcasts were not followed, as there was no room");
    expect(markdownReport(runOf(none))).not.toContain("### Fan-out");
  });
});

test("as Markdown, the sums, the figures and the worst", () => {
  const report = markdownReport(runOf(broken)).replaceAll("\u2009", " ");
  expect(report).toContain("### Fan-out");
  expect(report).toContain("95 % of 100 000 recipients reached");
  expect(report).toMatch(/\| `ws_fanout_last` \| 20\.0 ms \| 30\.0 ms/);
  expect(report).toMatch(/user 3, message 117.*500 of 1 000.*500: user 1, 5, 7 …/);
  expect(markdownReport(runOf(undefined))).not.toContain("Fan-out");
});

describe("saved", () => {
  test("it is read back as it was, and shown again", () => {
    const stored = JSON.stringify(runOf(broken));
    const read = parseRunResult(stored, "run.json");
    expect(read.fanOut).toEqual(broken);
    expect(text(read)).toBe(text(runOf(broken)));
  });

  test.each<[string, object]>([
    ["too many examples", { worst: Array.from({ length: 1000 }, () => example) }],
    ["a stretch of nothing", { stretch: 0 }],
    ["a number that is none", { reached: "many" }],
  ])("%s is refused", (_what, changed) => {
    const stored = JSON.stringify(runOf({ ...broken, ...changed }));
    expect(mistakeOf(() => parseRunResult(stored, "run.json"))).toMatch(/fanOut/);
  });

  test("names from elsewhere obey nobody", () => {
    const scenario = "a\u001b[2J|x`y";
    const audiences = [{ ...whole.audiences[0]!, scenario, audience: scenario }];
    const forged = runOf({ ...broken, audiences, worst: [{ ...example, scenario }] });
    expect(text(forged)).not.toContain("\u001b");
    expect(markdownReport(forged)).not.toContain("\u001b");
  });
});
