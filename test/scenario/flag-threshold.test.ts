/** Shows thresholds as flags: one language with files and reports, so that each can be pasted. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { checkThreshold, parseMetricSelector } from "../../src/metrics/metric-selector.js";
import { parseRegressGate } from "../../src/metrics/regress-gate.js";
import type { ThresholdResult } from "../../src/metrics/run-result.js";
import { parseThreshold } from "../../src/metrics/threshold.js";
import { thresholdWords } from "../../src/report/threshold-words.js";
import { parseFlagThreshold } from "../../src/scenario/flag-threshold.js";
import { mistakeOf } from "../message/mistake.js";

describe("a threshold of a flag", () => {
  test.each([
    ["ws_msg_rtt: p(99)<200", "ws_msg_rtt", "p(99)<200"],
    ["ws_msg_rtt:p(99)<200", "ws_msg_rtt", "p(99)<200"],
    ["ws_msg_rtt p(99)<200", "ws_msg_rtt", "p(99)<200"],
    [" ws_msg_rtt  :  p(99) < 1m 30s ", "ws_msg_rtt", "p(99) < 1m 30s"],
    ["ws_connecting{scenario:a, x:b}: p(95)<1s", "ws_connecting{scenario:a, x:b}", "p(95)<1s"],
    ["ws_connecting{scenario:a} p(95)<1s", "ws_connecting{scenario:a}", "p(95)<1s"],
    ['ws_x {step:"a, b"}count==0', 'ws_x {step:"a, b"}', "count==0"],
  ])("%j is read", (text, metric, expression) => {
    expect(parseFlagThreshold(text)).toEqual({ metric, expression });
  });

  test.each([
    "",
    ":",
    "p(99)<200",
    "p(99) < 200",
    "ws_msg_rtt",
    "ws_msg_rtt:",
    "ws_x{a:b",
    "{a}: 1",
  ])("%j is refused", (text) => {
    expect(mistakeOf(() => parseFlagThreshold(text))).toMatch(/is not a threshold[^]*--threshold/);
  });
});

const selectors = [
  "ws_msg_rtt",
  "ws_msg_rtt{scenario:chat}",
  "ws_connecting{stage:stage 1}",
  "ws_close{cause:a:b, code:1006}",
  'ws_expect_failed{scenario:chat,step:"say, and wait"}',
  "ws_expect_failed{step:chat.flow[2]}",
];

describe("what a report prints is read again", () => {
  test.each(selectors)("%s", (metric) => {
    const expression =
      metric.startsWith("ws_c") || metric.startsWith("ws_e") ? "count==0" : "p(99)<200ms";
    const result = { metric, expression, ok: false, actual: 3, aborted: false } as ThresholdResult;
    const { name } = thresholdWords(result);
    expect(parseFlagThreshold(name)).toEqual({ metric, expression });
    // In a file it is a key and its value.
    const inFile: unknown = parse(`thresholds:\n  ${name}\n`);
    expect(inFile).toEqual({ thresholds: { [metric]: expression } });
  });

  test.each(selectors)("%s, as a gate", (metric) => {
    const gate = parseRegressGate(`${metric} count=10%`);
    expect(gate.selector).toEqual(parseMetricSelector(metric));
  });
});

test("any metric with any figure survives the way through a flag", () => {
  const figure = fc.constantFrom("p(99)<200", "avg<=1m30s", "count > 3", "max<1.5 s");
  const tag = fc.stringMatching(/^[\w.:/ -]{0,20}\w$/);
  fc.assert(
    fc.property(figure, tag, fc.constantFrom(": ", ":", " "), (expression, name, between) => {
      const metric = `ws_msg_rtt{scenario:${name}}`;
      const read = parseFlagThreshold(`${metric}${between}${expression}`);
      expect(read).toEqual({ metric, expression });
      checkThreshold(parseMetricSelector(read.metric), parseThreshold(read.expression));
    }),
    { numRuns: 50 },
  );
});
