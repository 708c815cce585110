/** Shows that snapshots are deltas which add up, and that hostile peers cannot fill the meter. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Meter } from "../../src/load/meter.js";
import { SelfWatch } from "../../src/load/self-watch.js";
import { Trend } from "../../src/metrics/trend.js";

describe("a snapshot", () => {
  test("holds what was counted since the last one, and nothing that is 0", () => {
    const meter = new Meter(3);
    meter.hot.ws_msgs_sent += 2;
    meter.count("ws_close", { code: "1000", by: "server" });
    meter.count("ws_close", { by: "server", code: "1000" }, 2);
    meter.times.ws_msg_rtt.record(5);
    meter.open = 4;
    meter.backpressure = 100;
    const first = meter.cut(7, 1000, { wsctl_rss: 1 });
    expect(first).toMatchObject({ shard: 3, sequence: 0, second: 7, span: 1000 });
    expect(first.counters).toEqual({ ws_msgs_sent: 2, "ws_close{by:server,code:1000}": 3 });
    expect(first.gauges).toEqual({ wsctl_rss: 1, ws_sessions_open: 4, ws_backpressure: 100 });
    expect(Object.keys(first.trends)).toEqual(["ws_msg_rtt"]);
    expect(Trend.decode(first.trends["ws_msg_rtt"]!).count).toBe(1);
    const second = meter.cut(8, 1000, {});
    expect(second).toMatchObject({ sequence: 1, counters: {}, trends: {} });
    expect(second.gauges).toEqual({ ws_sessions_open: 4, ws_backpressure: 0 });
  });

  test("is plain data", () => {
    const meter = new Meter(0);
    meter.hot.ws_sessions++;
    meter.times.ws_tcp.record(1);
    const snapshot = meter.cut(1, 1000, {});
    expect(JSON.parse(JSON.stringify(snapshot))).toEqual(snapshot);
  });

  test("adds up to the totals, clamped values included", () => {
    const meter = new Meter(0);
    const sums = new Map<string, number>();
    for (let second = 1; second < 5; second++) {
      meter.hot.ws_msgs_sent += second;
      meter.count("ws_close", { code: String(1000 + (second % 2)) });
      meter.times.ws_msg_rtt.record(second === 3 ? 4_000_000 : 1);
      for (const [key, value] of Object.entries(meter.cut(second, 1000, {}).counters)) {
        sums.set(key, (sums.get(key) ?? 0) + value);
      }
    }
    expect(meter.totals()).toEqual(Object.fromEntries(sums));
    expect(meter.totals()).toMatchObject({ ws_msgs_sent: 10, wsctl_clamped: 1 });
  });
});

test("scenarios have figures of their own; the whole is the sum of everything", () => {
  const meter = new Meter(0);
  const [chat, idle] = [meter.scenario("chat"), meter.scenario("idle")];
  expect(meter.scenario("chat")).toBe(chat);
  meter.hot.ws_msgs_sent += 1;
  chat.hot.ws_msgs_sent += 2;
  chat.times.ws_ping.record(1);
  const counter = chat.counter("checks", { result: "pass" });
  counter.value += 4;
  idle.count("checks", { result: "pass" });
  const snapshot = meter.cut(1, 1000, {}, { stage: 2 });
  expect(snapshot.stage).toBe(2);
  expect(snapshot.counters).toEqual({ ws_msgs_sent: 1 });
  expect(snapshot.scenarios["chat"]!.counters).toEqual({
    ws_msgs_sent: 2,
    "checks{result:pass}": 4,
  });
  expect(Object.keys(snapshot.scenarios["chat"]!.trends)).toEqual(["ws_ping"]);
  expect(snapshot.scenarios["idle"]!.counters).toEqual({ "checks{result:pass}": 1 });
  // Who keeps a counter goes on with it.
  counter.value++;
  expect(meter.cut(2, 1000, {}).scenarios["chat"]!.counters).toEqual({ "checks{result:pass}": 1 });
  expect(meter.totals()).toEqual({ ws_msgs_sent: 3, "checks{result:pass}": 6 });
  expect(meter.traffic().sent).toBe(3);
});

test("what went to and fro is told at any time, cut off already or not", () => {
  const meter = new Meter(0);
  meter.hot.ws_msgs_sent += 2;
  meter.hot.ws_bytes_sent += 20;
  meter.cut(1, 1000, {});
  meter.hot.ws_msgs_sent += 3;
  meter.hot.ws_msgs_received += 1;
  meter.hot.ws_bytes_received += 7;
  const traffic = { sent: 5, received: 1, bytesSent: 20, bytesReceived: 7 };
  expect(meter.traffic()).toEqual(traffic);
  meter.cut(2, 1000, {});
  expect(meter.traffic()).toEqual(traffic);
});

describe("errors", () => {
  test("are counted by kind, with the first example made harmless", () => {
    const meter = new Meter(0);
    meter.error("broken", "a\u001b[2J\nb");
    meter.error("broken", "other");
    expect(meter.errors()).toEqual([{ what: "broken", count: 2, example: "a␛[2J⏎b" }]);
  });

  test("of ever new kinds, and of any length, take bounded memory", () => {
    const meter = new Meter(0);
    for (let i = 0; i < 10_000; i++) meter.error(`kind ${i}`, "x".repeat(10_000));
    expect(meter.errors().length).toBeLessThanOrEqual(100);
    expect(JSON.stringify(meter.errors()).length).toBeLessThan(100_000);
  });
});

describe("the watch over the generator itself", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["performance"] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  /** CPU time used so far, as the test says. */
  let cpu = 0;
  const probe = { cpu: () => cpu, rss: () => 1000, monotonic: () => 0 };
  const busy = (watch: SelfWatch, share: number, seconds: number): void => {
    for (let i = 0; i < seconds; i++) {
      vi.advanceTimersByTime(1000);
      cpu += share * 1000;
      watch.gauges();
    }
  };

  test("says nothing of CPU before traffic and after it", () => {
    const watch = new SelfWatch(probe);
    expect(watch.gauges()).toEqual({ wsctl_rss: 1000 });
    watch.begin();
    // A fraction of a second says nothing of CPU.
    expect(Object.keys(watch.gauges())).toEqual(["wsctl_rss", "wsctl_loop_lag"]);
    vi.advanceTimersByTime(1000);
    expect(Object.keys(watch.gauges())).toEqual(["wsctl_rss", "wsctl_cpu", "wsctl_loop_lag"]);
    watch.end();
    expect(watch.gauges()).toEqual({ wsctl_rss: 1000 });
  });

  test("judges a run that is shorter than its window by all of it", () => {
    const watch = new SelfWatch(probe);
    busy(watch, 1, 5);
    watch.begin();
    busy(watch, 0.2, 1);
    busy(watch, 0.8, 1);
    watch.end();
    expect(watch.health().cpu).toBeCloseTo(0.5, 6);
    expect(watch.health().loopDelayP99).toBeGreaterThanOrEqual(0);
  });

  test("judges a longer run by its busiest five seconds", () => {
    const watch = new SelfWatch(probe);
    watch.begin();
    busy(watch, 0.1, 7);
    busy(watch, 0.9, 5);
    busy(watch, 0.1, 20);
    watch.end();
    expect(watch.health().cpu).toBeCloseTo(0.9, 6);
  });

  test("that never began has nothing to say", () => {
    const watch = new SelfWatch(probe);
    watch.end();
    expect(watch.health()).toEqual({ cpu: 0, loopDelayP99: 0 });
  });
});
