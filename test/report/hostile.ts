/** Owns a result of which every text is an attack on whoever shows it. */
import type { RunPart, RunResult } from "../../src/metrics/run-result.js";
import { eventful, resultWith, summaryOf } from "./results.js";

/** Terminal escapes, markup of every kind, line ends, formulas, and what XML cannot hold. */
export const attack =
  "\u001b[2J\u009b31m\u0000<script>alert(1)</script>]]>&amp;\"'`|*_[x](https://evil.example)" +
  "\r\n::error::x%0A\n\u2028\u202e@everyone www.evil.example\ufffe\uffff\ud800=cmd|' /C calc'!A0,";

const part: RunPart = {
  name: attack,
  span: 1000,
  totals: { [attack]: 1, [`ws_close{code:${attack}}`]: 2, ws_msgs_sent: 3 },
  inTraffic: { [attack]: 1, [`ws_close{code:${attack}}`]: 2, ws_msgs_sent: 3 },
  trends: { [attack]: summaryOf(1), ws_msg_rtt: summaryOf(2) },
};

/** The result; its shape is right. */
export const hostile: RunResult = resultWith({
  ...eventful,
  run: {
    ...resultWith(eventful).run,
    id: attack,
    scenario: attack,
    pacer: attack,
    handshake: {
      status: attack,
      server: attack,
      subprotocol: attack,
      extensions: attack,
      tls: attack,
    },
  },
  env: { wsctl: attack, node: attack, os: attack, cpu: attack, cores: 4 },
  plan: { targets: [attack, attack], connections: attack, correlate: attack, [attack]: attack },
  totals: {
    ...resultWith(eventful).totals,
    ...part.totals,
    [`ws_connect_failed{reason:${attack},status:${attack}}`]: 4,
    "__proto__{a:b}": 1,
    "ws_close{": 2,
    "{}": 3,
  },
  trends: { ...resultWith(eventful).trends, ...part.trends },
  scenarios: [part, part],
  stages: [part, part],
  series: [
    {
      second: 1,
      span: 1000,
      counters: { [attack]: 1 },
      gauges: { [attack]: 1 },
      trends: { [attack]: { count: 1, p50: 1, p99: 1, max: 1 } },
    },
  ],
  conservation: {
    ...resultWith().conservation,
    server: {
      source: attack,
      sentByUs: 1,
      receivedByServer: 2,
      sentByServer: 3,
      receivedByUs: 4,
      equal: false,
    },
  },
  thresholds: [attack, "ws_msg_rtt"].flatMap((metric) =>
    [attack, "p(99)<1"].map((expression) => ({
      metric,
      expression,
      ok: false,
      actual: -1e300,
      aborted: true,
      place: `${attack}:1:2`,
    })),
  ),
  expectations: [{ scenario: attack, step: attack, passed: 1, failed: 2, example: attack }],
  validity: {
    ok: false,
    reasons: [{ code: attack as "worker-lost", detail: attack, remedy: attack }],
  },
  errors: [{ what: attack, count: 1, example: attack }],
  interrupted: true,
});
