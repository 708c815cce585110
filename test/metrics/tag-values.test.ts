/** Shows which values of tags can be asked for: those that there are, and no others. */
import { describe, expect, test } from "vitest";
import type { DialReason } from "../../src/dial/dial-error.js";
import { parseMetricSelector } from "../../src/metrics/metric-selector.js";
import { checkTagValues } from "../../src/metrics/tag-values.js";
import { mistakeOf } from "../message/mistake.js";

// Complete, or it would not compile.
const reasons: Readonly<Record<DialReason, true>> = {
  dns: true,
  refused: true,
  timeout: true,
  reset: true,
  unreachable: true,
  ports: true,
  fds: true,
  tcp: true,
  proxy: true,
  tls: true,
  closed: true,
  status: true,
  handshake: true,
  aborted: true,
};

const check = (text: string): void => {
  const { metric, tags } = parseMetricSelector(text);
  checkTagValues(metric, tags);
};

test.each([...Object.keys(reasons), "request"])(
  "%s is why a connection does not open",
  (reason) => {
    expect(() => check(`ws_connect_failed{reason:${reason}}`)).not.toThrow();
  },
);

test.each([
  "ws_connect_failed{status:503}",
  "ws_connect_failed{status:999}",
  "ws_connect_failed{status:099}",
  "ws_close{by:server,code:4001,cause:ECONNRESET}",
  "ws_seq_gap{where:reconnect}",
  "ws_expect_failed{scenario:whatever,step:it is called}",
  "ws_msg_rtt",
])("%s may be", (text) => {
  expect(() => check(text)).not.toThrow();
});

describe("never", () => {
  test.each([
    ["ws_connect_failed{reason:refusd}", /reason "refusd"[^]*did you mean refused\? there are dns/],
    ["ws_connect_failed{reason:typo}", /reason "typo"[^]*there are dns, refused/],
    ["ws_connect_failed{status:5030}", /status "5030"[^]*503/],
    ["ws_connect_failed{status:abc}", /status "abc"[^]*503/],
    ["ws_close{by:peer}", /by "peer"[^]*client, server/],
    ["ws_close{code:17}", /code "17"[^]*1006/],
    ["ws_seq_gap{where:here}", /connected, reconnect/],
  ])("%s", (text, words) => {
    expect(mistakeOf(() => check(text))).toMatch(words);
  });
});
