/** Owns a RunResult made by hand, for the tests of what is rendered from it. */
import { Chalk } from "chalk";
import type { RunPart, RunResult } from "../../src/metrics/run-result.js";
import { Trend, type TrendSummary } from "../../src/metrics/trend.js";
import type { Ink } from "../../src/report/ink.js";

/** Without colours, so that lines can be looked at. */
export const plainInk: Ink = { chalk: new Chalk({ level: 0 }), width: 140 };

/** The summary of some times in ms. */
export function summaryOf(...times: number[]): TrendSummary {
  const trend = new Trend();
  for (const ms of times) trend.add(Math.round(ms * 1000));
  return trend.summary();
}

const usual: Omit<RunResult, "inTraffic"> = {
  $schema: "wsctl.run/1",
  run: {
    id: "run-1",
    scenario: undefined,
    startedAt: "2026-01-02T03:04:05.000Z",
    took: 11_000,
    trafficFor: 10_000,
    inTraffic: { sent: 2000, received: 1990, bytesSent: 52_000, bytesReceived: 43_780 },
    workers: 2,
    model: "rate",
    pacer: "timer",
    askedRate: 200,
    loopback: true,
    users: undefined,
    handshake: {
      status: "HTTP/1.1 101 Switching Protocols",
      server: "nginx",
      subprotocol: "chat.v1",
      extensions: undefined,
      tls: "TLSv1.3 TLS_AES_256_GCM_SHA384",
    },
  },
  plan: { targets: ["wss://localhost:9/chat"], connections: 14 },
  env: { wsctl: "0.1.0", node: "20.19.0", os: "linux 6.1 x64", cpu: "some CPU", cores: 4 },
  totals: {
    ws_sessions: 10,
    "ws_connect_failed{reason:refused}": 3,
    "ws_connect_failed{reason:status,status:403}": 1,
    ws_msgs_sent: 2000,
    ws_msgs_received: 1990,
    ws_bytes_sent: 52_000,
    ws_bytes_received: 43_780,
    "ws_close{by:client,code:1000}": 9,
    "ws_close{by:server,cause:ECONNRESET,code:1006}": 1,
    wsctl_cpu: 0.37,
    wsctl_loop_lag: 1.5,
    wsctl_rss: 100 * 1024 * 1024,
    ws_backpressure: 4096,
  },
  trends: {
    ws_connecting: summaryOf(3, 4, 5),
    ws_tcp: summaryOf(1),
    ws_tls: summaryOf(2),
    ws_upgrade: summaryOf(1),
    ws_msg_rtt: summaryOf(...Array.from({ length: 1000 }, (_, i) => 1 + i / 100), 250),
    ws_msg_rtt_sent: summaryOf(1, 2, 3),
    ws_schedule_lag: summaryOf(0.5, 1),
  },
  scenarios: [],
  stages: [],
  series: [],
  thresholds: [],
  expectations: [],
  conservation: {
    expected: 2000,
    answered: 1990,
    disconnected: 4,
    timedOut: 5,
    inFlight: 1,
    late: 2,
    difference: 0,
    connectionsOff: 0,
    server: undefined,
  },
  validity: { ok: true, reasons: [] },
  errors: [],
  interrupted: false,
};

/** A part of a run. */
export function partWith(name: string, changed: Partial<RunPart> = {}): RunPart {
  return {
    name,
    span: 10_000,
    totals: { ws_msgs_sent: 500, ws_msgs_received: 400 },
    inTraffic: changed.totals ?? { ws_msgs_sent: 500, ws_msgs_received: 400 },
    trends: { ws_msg_rtt: summaryOf(1, 2, 30) },
    ...changed,
  };
}

/** What a scenario's run came to, on which something of everything went wrong. */
export const eventful: Partial<RunResult> = {
  run: {
    ...usual.run,
    scenario: "chat.yaml",
    askedRate: undefined,
    users: { begun: 120, completed: 110, lost: 10, dropped: 3 },
  },
  totals: {
    ...usual.totals,
    "checks{result:pass}": 97,
    "checks{result:fail}": 3,
    ws_msg_stamped: 100,
    ws_msg_delivered: 190,
    ws_msg_lost: 10,
    ws_msg_duplicate: 2,
    ws_msg_extra: 5,
    ws_reconnects: 7,
    ws_reconnect_attempts: 9,
  },
  trends: {
    ...usual.trends,
    ws_delivery: summaryOf(4, 5),
    ws_reconnect_time: summaryOf(500, 700),
    ws_downtime: summaryOf(500, 900),
  },
  scenarios: [
    partWith("chat", { totals: { ws_msgs_sent: 500, "ws_expect_failed{step:join}": 3 } }),
    partWith("listener", { totals: {}, trends: {} }),
  ],
  stages: [partWith("ramp"), partWith("steady", { span: 0 })],
  series: [1, 2, 4].map((second) => ({
    second,
    span: 1000,
    counters: { ws_msgs_sent: 100 + second, "ws_close{by:server,code:1000}": 1 },
    gauges: { ws_sessions_open: 10 },
    trends: { ws_msg_rtt: { count: 9, p50: 1.5, p99: 20.25, max: 30 } },
  })),
  thresholds: [
    {
      metric: "ws_msg_rtt",
      expression: "p(99)<200",
      ok: false,
      actual: 312,
      aborted: true,
      place: "scenarios/chat.yaml:12:7",
    },
    {
      metric: "checks",
      expression: "rate>99%",
      ok: false,
      actual: 0.97,
      aborted: false,
      place: undefined,
    },
    {
      metric: "ws_connecting{scenario:chat}",
      expression: "p(95)<500",
      ok: true,
      actual: 12.34,
      aborted: false,
      place: undefined,
    },
    {
      metric: "ws_tls",
      expression: "max<1s",
      ok: false,
      actual: undefined,
      aborted: false,
      place: undefined,
    },
  ],
  expectations: [
    { scenario: "chat", step: "join", passed: 97, failed: 3, example: 'got {"ok":false}' },
    { scenario: "chat", step: "chat.flow[2]", passed: 5, failed: 0, example: undefined },
  ],
  errors: [{ what: "message lost", count: 10, example: "sender 4, sequence 17" }],
};

/** That result with some of it changed. */
export function resultWith(changed: Partial<RunResult> = {}): RunResult {
  return { ...usual, inTraffic: changed.totals ?? usual.totals, ...changed };
}

/** The facts of its run with some of them changed. */
export function runWith(changed: Partial<RunResult["run"]>): Partial<RunResult> {
  return { run: { ...usual.run, ...changed } };
}
