/** Shows the course of a run as it is told: drawn anew on a terminal, in lines elsewhere, as JSON at the end. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Interval } from "../../src/metrics/interval.js";
import type { RunStart } from "../../src/metrics/output.js";
import { jsonReport } from "../../src/report/json.js";
import { LivePanel } from "../../src/report/live-panel.js";
import { ProgressLines } from "../../src/report/progress-lines.js";
import { parseRunResult } from "../../src/metrics/saved-run.js";
import { reporters } from "../../src/report/reporters.js";
import { hostile } from "./hostile.js";
import { plainInk, resultWith } from "./results.js";

const start: RunStart = {
  id: "run-1",
  workers: 1,
  model: "rate",
  pacer: "timer",
  askedRate: 100,
  loopback: true,
  targets: ["ws://127.0.0.1:1/"],
  connections: 20,
  duration: 10_000,
};

function interval(changed: Partial<Interval> = {}): Interval {
  return {
    second: 1,
    span: 1000,
    counters: { ws_sessions: 5, "ws_connect_failed{reason:dns}": 2, ws_msgs_sent: 1000 },
    gauges: { ws_sessions_open: 5 },
    trends: { ws_msg_rtt: { count: 9, p50: 1.5, p99: 20, max: 30 } },
    ...changed,
  };
}

describe("JSON", () => {
  test("is the whole result, one document on one line", () => {
    const result = resultWith();
    const text = jsonReport(result);
    expect(text.endsWith("}\n")).toBe(true);
    expect(text.trimEnd()).not.toContain("\n");
    expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(result)));
    expect(JSON.parse(text)).toMatchObject({
      $schema: "wsctl.run/1",
      totals: result.totals,
      trends: result.trends,
      conservation: { expected: 2000 },
      validity: { ok: true },
      interrupted: false,
    });
  });

  test("holds no raw control character, whatever a server said", () => {
    const errors = [{ what: "x", count: 1, example: "\u001b[2J\n\u0000" }];
    // oxlint-disable-next-line no-control-regex -- control characters are the subject here
    expect(jsonReport(resultWith({ errors })).trimEnd()).not.toMatch(/[\u0000-\u001f]/);
  });
});

test.each(Object.entries(reporters))(
  "the reporter %s renders from the result alone",
  (_kind, render) => {
    const stored = JSON.parse(JSON.stringify(resultWith())) as ReturnType<typeof resultWith>;
    expect(render(stored, plainInk)).toBe(render(resultWith(), plainInk));
    expect(render(stored, plainInk).endsWith("\n")).toBe(true);
  },
);

test.each(Object.entries(reporters))(
  "the reporter %s makes a hostile result harmless, fresh or saved",
  (_kind, render) => {
    const saved = parseRunResult(JSON.stringify(hostile), "hostile.json");
    for (const result of [hostile, saved]) {
      const text = render(result, plainInk);
      // oxlint-disable-next-line no-control-regex -- control characters are the subject here
      expect(text.replace(/\r\n/g, "\n")).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
      expect(text).not.toMatch(/[\u2028\u202e]/);
    }
  },
);

describe("the live panel", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "performance"] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  function panel(): { panel: LivePanel; drawn: string[]; cleared: () => number } {
    const drawn: string[] = [];
    let cleared = 0;
    const canvas = { draw: (text: string) => void drawn.push(text), clear: () => void cleared++ };
    return { panel: new LivePanel(plainInk, canvas), drawn, cleared: () => cleared };
  }

  test("draws what is known, again and again, until it is stopped and cleared", () => {
    const { panel: live, drawn, cleared } = panel();
    live.start(start);
    live.phase("opening");
    expect(drawn.at(-1)).toMatch(/fixed rate, 100 messages\/s on 20 connections/);
    live.add(interval());
    expect(drawn.at(-1)).toMatch(/opening, 5 open, 2 failed/);
    expect(drawn.at(-1)).toMatch(/rtt p50 1\.50 ms\s+p99 20\.0 ms\s+max 30\.0 ms/);
    live.phase("traffic");
    vi.advanceTimersByTime(5000);
    expect(drawn.at(-1)).toMatch(/5\.00 s of 10\.0 s/);
    expect(drawn.length).toBeGreaterThan(10);
    vi.advanceTimersByTime(60_000);
    expect(drawn.at(-1)).toMatch(/10\.0 s of 10\.0 s/);
    live.phase("draining");
    expect(drawn.at(-1)).toContain("draining");
    live.stop();
    const before = drawn.length;
    vi.advanceTimersByTime(5000);
    expect([drawn.length, cleared(), vi.getTimerCount()]).toEqual([before, 1, 0]);
  });

  test("keeps to its width, and makes targets harmless", () => {
    const { panel: live, drawn } = panel();
    live.start({ ...start, targets: [`ws://host/${"\u001b[2Jx".repeat(100)}`] });
    live.add(interval());
    live.stop();
    for (const line of drawn.flatMap((text) => text.split("\n"))) {
      expect(line.length).toBeLessThanOrEqual(plainInk.width);
      expect(line).not.toContain("\u001b");
    }
    expect(drawn.length).toBeGreaterThan(0);
  });

  test("remembers a bounded course", () => {
    const { panel: live, drawn } = panel();
    live.start(start);
    for (let second = 0; second < 500; second++) live.add(interval({ second }));
    live.stop();
    expect(drawn.at(-1)!.length).toBeLessThan(1000);
  });

  test("without a run draws nothing", () => {
    const { panel: live, drawn } = panel();
    live.phase("opening");
    live.stop();
    expect(drawn).toEqual([]);
  });
});

describe("what a step has to say", () => {
  test("is a line of its own, or the last one on the panel, and harmless", () => {
    const lines: string[] = [];
    new ProgressLines((line) => lines.push(line)).log("a\u001b[2Jb");
    expect(lines).toEqual(["log: a␛[2Jb"]);
    const drawn: string[] = [];
    const live = new LivePanel(plainInk, { draw: (text) => drawn.push(text), clear: () => {} });
    live.start(start);
    live.log("before");
    live.log("c\u001b[2Jd");
    live.phase("traffic");
    live.stop();
    expect(drawn.at(-1)).toContain("c␛[2Jd");
    expect(drawn.at(-1)).not.toContain("before");
  });
});

describe("progress in lines", () => {
  test("is a line for each phase and one every ten seconds", () => {
    const lines: string[] = [];
    const progress = new ProgressLines((line) => lines.push(line));
    progress.start();
    progress.phase("opening");
    for (let second = 1; second <= 25; second++) progress.add(interval({ second }));
    progress.phase("draining");
    progress.stop();
    expect(lines).toHaveLength(4);
    expect(lines[0]).toBe("opening");
    expect(lines[1]).toMatch(
      /^10 s: 5 open, 1.000 sent\/s, 0 received\/s, rtt p50 1\.50 ms p99 20/,
    );
    expect(lines[2]).toMatch(/^20 s/);
    for (const line of lines) expect(line).not.toContain("\n");
  });

  test("says nothing of replies when there were none", () => {
    const lines: string[] = [];
    const progress = new ProgressLines((line) => lines.push(line));
    const nothing = { trends: {}, counters: {}, gauges: {} };
    for (let second = 1; second <= 10; second++) progress.add(interval({ ...nothing, second }));
    expect(lines).toEqual(["10 s: 0 open, 0 sent/s, 0 received/s"]);
  });
});
