/** Shows the grammar of thresholds: k6's, with units, and mistakes told by their column. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { catalogue } from "../../src/metrics/catalogue.js";
import { checkThreshold, parseMetricSelector, selects } from "../../src/metrics/metric-selector.js";
import { boundIn, parseThreshold } from "../../src/metrics/threshold.js";
import { mistakeOf, succeedsOrRefuses } from "../message/mistake.js";

describe("a threshold", () => {
  test.each([
    ["p(99)<200", "p", 99, "<", "200"],
    ["p(99.9) <= 1s", "p", 99.9, "<=", "1s"],
    [" p( 95 ) < 1.5 s ", "p", 95, "<", "1.5 s"],
    ["p(0)>0", "p", 0, ">", "0"],
    ["avg<200", "avg", undefined, "<", "200"],
    ["med>=.5", "med", undefined, ">=", ".5"],
    ["min!=0", "min", undefined, "!=", "0"],
    ["max<1m", "max", undefined, "<", "1m"],
    ["count==0", "count", undefined, "==", "0"],
    ["count===0", "count", undefined, "==", "0"],
    ["rate>95%", "rate", undefined, ">", "95%"],
    ["rate>10k/s", "rate", undefined, ">", "10k/s"],
    ["value<64KiB", "value", undefined, "<", "64KiB"],
  ])("%j is read", (text, name, percentile, operator, bound) => {
    expect(parseThreshold(text)).toEqual({ aggregate: { name, percentile }, operator, bound });
  });

  test.each([
    ["", /does not say what .*column 1/],
    ["<200", /does not say what .*column 1/],
    ["p(99)200", /no percentile .*column 1/],
    ["p(99)", /no operator .*column 6/],
    ["p(99)<", /no value .*column 7/],
    ["p(99)<<200", /no operator "<<" .*column 6/],
    ["p(99)=200", /no operator "=" .*column 6/],
    ["p(99) < abc", /"abc" is not a value .*column 9/],
    ["p(99)<200x", /"200x" is not a value/],
    ["rate>300/x", /"300\/x" is not a value[^]*300\/m/],
    ["p(99)<30s1m", /"30s1m" is not a value/],
    ["p(99)<-1", /"-1" is not a value/],
    ["p(101)<1", /no percentile/],
    ["p99<1", /there is no "p99"/],
    ["p(x)<1", /no percentile .*column 1[\s\S]*p\(99\.9\)/],
    ["  agv<1", /there is no "agv" \(column 3\)[\s\S]*did you mean avg\?/],
    ["cuont==0", /did you mean count\?/],
    ["p(99)<200 && avg<3", /is not a value/],
    ["p(99)<1e3", /is not a value/],
    ["\u001b[2J<1", /there is no "␛\[2J"/],
    ["a".repeat(5000), /longer than 200/],
  ])("%j is refused", (text, told) => {
    expect(mistakeOf(() => parseThreshold(text))).toMatch(told);
  });

  test("points a caret to the mistake", () => {
    expect(mistakeOf(() => parseThreshold("p(99) ~< 3"))).toContain("p(99) ~< 3\n^");
    expect(mistakeOf(() => parseThreshold("avg <> 3"))).toContain("avg <> 3\n    ^");
  });

  test("of any text is read or refused, quickly", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300, unit: "binary" }), (text) => {
        expect(succeedsOrRefuses(() => parseThreshold(text))).toBe(true);
        expect(succeedsOrRefuses(() => parseMetricSelector(text))).toBe(true);
      }),
    );
  });
});

describe("a bound is in the metric's unit", () => {
  const bound = (text: string, metric: keyof typeof catalogue): number => {
    const { aggregate, bound: written } = parseThreshold(text);
    return boundIn(written, aggregate, catalogue[metric]);
  };

  test.each([
    ["p(99)<200", "ws_msg_rtt", 200],
    ["p(99)<1.5s", "ws_msg_rtt", 1500],
    ["max<2m", "ws_msg_rtt", 120_000],
    ["p(99)<850 µs", "ws_msg_rtt", 0.85],
    ["count>2m", "ws_msg_rtt", 2_000_000],
    ["count<10k", "ws_msgs_sent", 10_000],
    ["rate>100/s", "ws_msgs_sent", 100],
    ["rate>300/m", "ws_msgs_sent", 5],
    ["rate>3.6k / h", "ws_msgs_sent", 1],
    ["rate<=6MB/min", "ws_bytes_sent", 100_000],
    ["p(99)<1m30s", "ws_connecting", 90_000],
    ["max<1h 15m", "ws_session_duration", 4_500_000],
    ["rate<1MB/s", "ws_bytes_sent", 1e6],
    ["count<64KiB", "ws_bytes_sent", 65_536],
    ["rate>99.5%", "checks", 0.995],
    ["rate>0.995", "checks", 0.995],
  ] as const)("%s of %s is %d", (text, metric, value) => {
    expect(bound(text, metric)).toBeCloseTo(value, 9);
  });

  test.each([
    ["p(99)<64KiB", "ws_msg_rtt", /is not a time/],
    ["p(99)<5%", "ws_msg_rtt", /is not a time/],
    ["p(99)<5/s", "ws_msg_rtt", /is not a time/],
    ["count<200ms", "ws_msgs_sent", /is not a count/],
    ["count<5/s", "ws_msgs_sent", /is not a count/],
    ["count<5s", "ws_bytes_sent", /is not a size/],
    ["rate>5s", "checks", /is not a share[\s\S]*95%/],
    ["rate>5/s", "checks", /is not a share/],
  ] as const)("%s of %s is refused", (text, metric, told) => {
    expect(mistakeOf(() => bound(text, metric))).toMatch(told);
  });
});

describe("a selector", () => {
  test.each([
    ["ws_msg_rtt", "ws_msg_rtt", {}],
    [" ws_msg_rtt ", "ws_msg_rtt", {}],
    ["ws_connecting{scenario:chat}", "ws_connecting", { scenario: "chat" }],
    ['ws_close{code:1000, by : "server"}', "ws_close", { code: "1000", by: "server" }],
    ["ws_close{cause:a:b}", "ws_close", { cause: "a:b" }],
    ["ws_expect_failed{step:chat.flow[2]}", "ws_expect_failed", { step: "chat.flow_2_" }],
  ])("%j is read", (text, metric, tags) => {
    expect(parseMetricSelector(text)).toEqual({ metric, tags });
  });

  test.each([
    ["", /no name/],
    ["ws_close{", /no name/],
    ["ws_close{code}", /"code" is no tag/],
    ["ws_close{}", /is no tag/],
    ["ws_close{code:1,code:2}", /given twice/],
    ["ws_close{code:1}{by:x}", /no name/],
    ["ws_close{code:1}x", /no name/],
    ["a".repeat(5000), /no name/],
  ])("%j is refused", (text, told) => {
    expect(mistakeOf(() => parseMetricSelector(text))).toMatch(told);
  });

  test.each([
    ["ws_close", "ws_close", true],
    ["ws_close", "ws_close{code:1000}", true],
    ["ws_close{code:1000}", "ws_close{by:server,code:1000}", true],
    ["ws_close{code:1000}", "ws_close{by:server,code:1001}", false],
    ["ws_close{code:1000}", "ws_close", false],
    ["ws_close", "ws_closed", false],
    ["ws_msg_rtt", "ws_msg_rtt_sent", false],
    ["ws_close{constructor:x}", "ws_close{code:1000}", false],
  ])("%s selects %s: %s", (selector, key, does) => {
    expect(selects(parseMetricSelector(selector), key)).toBe(does);
  });
});

describe("metric and threshold together", () => {
  const check = (metric: string, threshold: string): void =>
    checkThreshold(parseMetricSelector(metric), parseThreshold(threshold));

  test.each([
    ["ws_msg_rtt", "p(99)<200ms"],
    ["ws_msg_rtt{stage:steady}", "count>0"],
    ["ws_connecting{scenario:chat}", "p(95)<500"],
    ["ws_msg_lost", "count==0"],
    ["ws_msgs_sent", "rate>100/s"],
    ["checks", "rate>99%"],
    ["wsctl_cpu", "value<0.9"],
    ["wsctl_cpu", "value<1.5"],
    ["wsctl_cpu", "value<150%"],
    ["checks", "rate>=1"],
    ["ws_close{code:1006,cause:fin,stage:steady}", "count==0"],
    ["ws_connect_failed{reason:status,status:403}", "count==0"],
    ["ws_expect_failed{scenario:chat,step:join}", "count==0"],
    ["ws_seq_gap{where:reconnect}", "count==0"],
  ])("%s %s fits", (metric, threshold) => {
    expect(() => check(metric, threshold)).not.toThrow();
  });

  test.each([
    ["ws_mgs_rtt", "p(99)<1", /no metric "ws_mgs_rtt"[\s\S]*did you mean ws_msg_rtt\?/],
    ["http_req_duration", "p(99)<1", /no metric[\s\S]*begin with ws_/],
    ["constructor", "p(99)<1", /no metric/],
    ["ws_msg_lost", "p(99)<1", /is a counter: it has no p\(99\)[\s\S]*count, rate/],
    ["ws_msg_rtt", "rate<1", /is a trend: it has no rate[\s\S]*p\(N\), avg/],
    ["ws_msg_rtt", "value<1", /it has no value/],
    ["checks", "count>1", /is a rate[\s\S]*there is rate/],
    ["wsctl_cpu", "avg<1", /is a gauge[\s\S]*there is value/],
    ["wsctl_cpu{scenario:chat}", "value<1", /whole run/],
    ["ws_msg_rtt{scenario:a,stage:b}", "p(99)<1", /not measured apart/],
    ["ws_close{reason:fin}", "count==0", /has no tag "reason"[\s\S]*by, cause, code, scenario/],
    ["ws_close{cod:1006}", "count==0", /has no tag "cod"[\s\S]*did you mean code\?/],
    ["ws_msg_lost{step:join}", "count==0", /has no tag "step"[\s\S]*scenario, stage/],
    ["ws_msg_lost{constructor:x}", "count==0", /has no tag/],
    ["checks", "rate>95", /not a share[\s\S]*write 95%/],
    ["checks", "rate<101%", /not a share/],
    ["wsctl_cpu", "value<80", /from 0 to 8[\s\S]*write 80%/],
    ["ws_availability", "value>99", /from 0 to 1[\s\S]*write 99%/],
    ["ws_availability", "value>5", /from 0 to 1[\s\S]*write 5%/],
    ["ws_availability", "value>700%", /not a share/],
  ])("%s %s does not", (metric, threshold, told) => {
    expect(mistakeOf(() => check(metric, threshold))).toMatch(told);
  });
});
