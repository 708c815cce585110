/** Shows the panel on which a run is drawn while it lasts. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { ThresholdResult } from "../../src/metrics/run-result.js";
import { LivePanel } from "../../src/report/live-panel.js";
import { interval, start } from "./course.js";
import { plainInk } from "./results.js";

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
    const canvas = {
      draw: (text: string) => void drawn.push(text),
      clear: () => void cleared++,
      above: () => {},
    };
    return { panel: new LivePanel(plainInk, canvas), drawn, cleared: () => cleared };
  }

  test("draws what is known, again and again, until it is stopped and cleared", () => {
    const { panel: live, drawn, cleared } = panel();
    live.start(start);
    live.phase("opening");
    expect(drawn.at(-1)).toMatch(/fixed rate, 100 messages\/s on 20 connections/);
    live.add(interval());
    expect(drawn.at(-1)).toMatch(/opening, 5 open, 2 failed/);
    expect(drawn.at(-1)).toMatch(/rtt +p50 1\.50 ms\s+p99 20\.0 ms\s+max 30\.0 ms/);
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
    expect([drawn.length, vi.getTimerCount()]).toEqual([before, 0]);
    expect(cleared()).toBeGreaterThan(0);
  });

  test("is taken away before one of another height is drawn, and at the end", () => {
    const told: string[] = [];
    const live = new LivePanel(plainInk, {
      draw: (text) => void told.push(`${text.split("\n").length} lines`),
      clear: () => void told.push("cleared"),
      above: () => {},
    });
    live.start(start);
    live.phase("traffic");
    live.phase("traffic");
    live.add(interval());
    live.add(interval({ second: 2 }));
    live.phase("draining");
    live.stop();
    const heights = told.filter((one) => one !== "cleared");
    expect(new Set(heights).size).toBeGreaterThan(1);
    expect(told.at(-1)).toBe("cleared");
    for (const [index, one] of told.slice(0, -1).entries()) {
      if (one === "cleared") expect(told[index + 1]).not.toBe(told[index - 1]);
      else if (told[index + 1] !== "cleared")
        expect([one, index]).toEqual([told[index + 1], index]);
    }
  });

  test("is no wider than its place is now, where that is known", () => {
    let columns: number | undefined = 100;
    let drawn = "";
    const canvas = {
      get columns() {
        return columns;
      },
      draw: (text: string) => void (drawn = text),
      clear: () => {},
      above: () => {},
    };
    const live = new LivePanel(plainInk, canvas);
    live.start(start);
    live.phase("traffic");
    live.add(interval());
    const widest = (): number => Math.max(...drawn.split("\n").map(({ length }) => length));
    expect(widest()).toBeGreaterThan(50);
    columns = 50;
    vi.advanceTimersByTime(300);
    expect(widest()).toBe(50);
    for (columns of [0, 1, undefined]) {
      vi.advanceTimersByTime(300);
      expect(widest()).toBeGreaterThanOrEqual(20);
    }
    live.stop();
  });

  test("while it drains tells sums, not the rates of a time that is over", () => {
    const { panel: live, drawn } = panel();
    live.start(start);
    live.phase("traffic");
    live.add(interval({ counters: { ws_msgs_sent: 20, ws_msgs_received: 19 } }));
    expect(drawn.at(-1)).toMatch(/messages +sent 20\/s +received 19\/s/);
    live.phase("draining");
    live.add(interval({ second: 2, span: 100, counters: { ws_msgs_received: 1 } }));
    expect(drawn.at(-1)).toMatch(/messages +20 sent, 20 received in all\n/);
    expect(drawn.at(-1)).not.toMatch(/\/s +received|p50/);
    live.stop();
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

describe("the live panel of virtual users", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "performance"] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  const stages = [
    { name: "rise", duration: 4000, from: 0, to: 100 },
    { name: "hold\u001b[2J", duration: 6000, from: 100, to: 100 },
  ];

  /** The panel's lines after so many ms of traffic. */
  function linesAfter(
    ms: number,
    kind: "population" | "arrivals",
    thresholds: readonly ThresholdResult[] = [],
    ink = plainInk,
  ): string[] {
    let drawn = "";
    const live = new LivePanel(ink, {
      draw: (text) => void (drawn = text),
      clear: () => {},
      above: () => {},
    });
    live.start({ ...start, connections: 100, load: { kind, stages } });
    live.phase("traffic");
    const counters = { "checks{result:pass}": 199, "checks{result:fail}": 1, ws_msgs_sent: 300 };
    live.add(interval({ counters, gauges: { ws_sessions_open: 48 } }));
    live.judge(thresholds);
    vi.advanceTimersByTime(ms);
    live.stop();
    return drawn.split("\n").map((line) => line.trim());
  }

  test("tells of users, of the stage, and of checks", () => {
    const lines = linesAfter(2000, "population");
    expect(lines.join("\n")).not.toContain("connections");
    expect(lines).toContain("fixed rate, 100 messages/s, at most 100 users");
    expect(lines).toContain("stage       1 of 2 (rise), 2.00 s of 4.00 s");
    expect(lines).toContain("users       48 connected of 50");
    expect(lines).toContain("checks      99.5 % of 200 met, 1 not");
    const later = linesAfter(5000, "population");
    expect(later).toContain("stage       2 of 2 (hold␛[2J), 1.00 s of 6.00 s");
    expect(later).toContain("users       48 connected of 100");
    expect(linesAfter(60_000, "population")).toContain(
      "stage       2 of 2 (hold␛[2J), 6.00 s of 6.00 s",
    );
  });

  test("tells of users from the beginning, and of no stage any more while it drains", () => {
    let drawn = "";
    const canvas = {
      draw: (text: string) => void (drawn = text),
      clear: () => {},
      above: () => {},
    };
    const live = new LivePanel(plainInk, canvas);
    live.start({ ...start, connections: 100, load: { kind: "population", stages } });
    live.phase("opening");
    expect(drawn).toMatch(/users +– connected of 0\n/);
    live.phase("traffic");
    vi.advanceTimersByTime(2000);
    expect(drawn).toMatch(/users +– connected of 50\n/);
    live.add(interval({ gauges: { ws_sessions_open: 48 } }));
    live.phase("draining");
    expect(drawn).toMatch(/users +48 connected, 2 failed\n/);
    expect(drawn).not.toMatch(/stage/);
    live.stop();
  });

  test("tells of connections that are cut and come back while it happens", () => {
    let drawn = "";
    const live = new LivePanel(plainInk, {
      draw: (text) => void (drawn = text),
      clear: () => {},
      above: () => {},
    });
    live.start({ ...start, connections: 100, load: { kind: "population", stages } });
    live.phase("traffic");
    live.add(interval());
    expect(drawn).not.toMatch(/reconnects/);
    live.add(interval({ counters: { ws_losses: 30, ws_reconnect_attempts: 4 } }));
    expect(drawn).toMatch(/reconnects +30 away of 30 lost +0 back in 4 attempts\n/);
    const counters = { ws_reconnects: 25, ws_reconnect_attempts: 30, ws_given_up: 2 };
    live.add(interval({ counters }));
    expect(drawn).toMatch(/reconnects +3 away of 30 lost +25 back in 34 attempts +2 given up\n/);
    live.add(interval({ counters: { ws_reconnects: 3, ws_reconnect_attempts: 3 } }));
    expect(drawn).toMatch(/reconnects +none away of 30 lost +28 back in 37 attempts/);
    live.add(interval({ counters: { ws_losses: 5 } }));
    expect(drawn).toMatch(/reconnects +5 away of 35 lost/);
    live.add(interval({ counters: { ws_away_at_end: 4 } }));
    expect(drawn).toMatch(/reconnects +1 away of 35 lost .* 4 left meanwhile\n/);
    live.stop();
  });

  test("tells how many arrive", () => {
    expect(linesAfter(2000, "arrivals")).toContain("users       48 connected, 50/s arriving");
  });

  const threshold = (expression: string, actual: number | undefined, ok: boolean) => ({
    metric: "ws_msg_rtt",
    expression,
    actual,
    ok,
    aborted: false,
    place: undefined,
  });

  test("tells of thresholds, the most endangered first, and how many more there are", () => {
    const lines = linesAfter(100, "population", [
      threshold("p(50)<200", 10, true),
      threshold("p(90)<200", undefined, false),
      threshold("p(95)<200", 190, true),
      threshold("p(99)<200", 312, false),
      threshold("max<1s", 1100, false),
    ]);
    const at = lines.findIndex((line) => line.startsWith("thresholds"));
    expect(lines.slice(at, at + 4)).toEqual([
      "thresholds  ✗ ws_msg_rtt: p(99)<200  312 ms (112 ms over)",
      "✗ ws_msg_rtt: max<1s     1.10 s (100 ms over)",
      "✓ ws_msg_rtt: p(95)<200  190 ms",
      "+2 more",
    ]);
    const failing = Array.from({ length: 9 }, () => threshold("p(99)<200", 312, false));
    expect(linesAfter(100, "population", failing)).toContain("+6 more, 6 failing");
    expect(linesAfter(100, "population", [threshold("max<1", undefined, false)])).toContain(
      "thresholds  · ws_msg_rtt: max<1  no value yet",
    );
    // So many are asked for in the end, not now.
    expect(linesAfter(100, "population", [threshold("count>2000", 5, false)])).toContain(
      "thresholds  · ws_msg_rtt: count>2000  5 so far",
    );
    // A gap is a loss only when nothing can fill it any more.
    const lost = { ...threshold("count==0", 0, true), metric: "ws_msg_lost" };
    expect(linesAfter(100, "population", [lost])).toContain(
      "thresholds  ✓ ws_msg_lost: count==0  0 so far",
    );
  });

  test("has no line that would wrap, whatever it holds", () => {
    const long = threshold(`p(99)<${"1".repeat(150)}`, 5, true);
    const ink = { ...plainInk, width: 60 };
    for (const line of linesAfter(
      100,
      "population",
      [long, threshold("x".repeat(300), 1, false)],
      ink,
    )) {
      expect(line.length, line).toBeLessThanOrEqual(60);
    }
  });
});
