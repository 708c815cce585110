/** Owns the course of a run made by hand, for the tests of what is drawn of it. */
import type { Interval } from "../../src/metrics/interval.js";
import type { RunStart } from "../../src/metrics/output.js";

/** What is known when it begins. */
export const start: RunStart = {
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

/** A second of it. */
export function interval(changed: Partial<Interval> = {}): Interval {
  return {
    second: 1,
    span: 1000,
    counters: { ws_sessions: 5, "ws_connect_failed{reason:dns}": 2, ws_msgs_sent: 1000 },
    gauges: { ws_sessions_open: 5 },
    trends: { ws_msg_rtt: { count: 9, p50: 1.5, p99: 20, max: 30 } },
    ...changed,
  };
}
