/** Shows that Prometheus can read a run, under way and saved: every line by the format's grammar. */
import { describe, expect, test } from "vitest";
import type { Interval } from "../../src/metrics/interval.js";
import { prometheusReport } from "../../src/report/prometheus.js";
import { PrometheusPage } from "../../src/report/prometheus-page.js";
import { hostile } from "./hostile.js";
import { eventful, resultWith } from "./results.js";

/** One value as Prometheus would take it. */
interface Scraped {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/**
 * Reads the text format 0.0.4 as its documentation describes it; fails on anything else, on a family
 * told of twice, and on samples that are not of the family above them.
 */
function scrape(text: string): { samples: Scraped[]; types: Map<string, string> } {
  const types = new Map<string, string>();
  const samples: Scraped[] = [];
  const seen = new Set<string>();
  let family = "";
  for (const line of text.split("\n").slice(0, -1)) {
    const help = /^# HELP ([a-zA-Z_:][\w:]*) \S.*$/.exec(line);
    const type = /^# TYPE ([a-zA-Z_:][\w:]*) (counter|gauge|summary|histogram|untyped)$/.exec(line);
    const sample =
      /^([a-zA-Z_:][\w:]*)(\{.*\})? ([+-]?(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?|Inf)|NaN)$/.exec(line);
    if (help) continue;
    if (type) {
      family = type[1]!;
      if (types.has(family)) throw new Error(`${family} is told of twice`);
      types.set(family, type[2]!);
      continue;
    }
    if (!sample) throw new Error(`no line of the format: ${line}`);
    const [, name = "", braces = "{}", value] = sample;
    if (name.replace(/_(sum|count)$/, "") !== family && name !== family) {
      throw new Error(`${name} is no sample of ${family}`);
    }
    const labels: Record<string, string> = {};
    const rest = braces
      .slice(1, -1)
      .replace(
        /([a-zA-Z_]\w*)="((?:[^"\\\n]|\\["\\n])*)"(,|$)/g,
        (_, key: string, quoted: string) => {
          labels[key] = quoted.replace(/\\(["\\n])/g, (_all, c: string) => (c === "n" ? "\n" : c));
          return "";
        },
      );
    if (rest !== "") throw new Error(`no labels: ${braces}`);
    const identity = name + JSON.stringify(Object.entries(labels).map(String).toSorted());
    if (seen.has(identity)) throw new Error(`twice: ${line}`);
    seen.add(identity);
    samples.push({ name, labels, value: Number(value?.replace("Inf", "Infinity")) });
  }
  return { samples, types };
}

const valueOf = (text: string, name: string, labels: Record<string, string> = {}) =>
  scrape(text).samples.find(
    (one) =>
      one.name === name &&
      Object.keys({ ...labels, ...one.labels }).every((key) => one.labels[key] === labels[key]),
  )?.value;

describe("a saved run", () => {
  const text = prometheusReport(resultWith(eventful));

  test("has counters and gauges under their own names and tags", () => {
    const { types } = scrape(text);
    expect(types.get("ws_msgs_sent")).toBe("counter");
    expect(types.get("wsctl_cpu")).toBe("gauge");
    expect(types.get("ws_msg_rtt")).toBe("summary");
    expect(valueOf(text, "ws_msgs_sent")).toBe(2000);
    expect(valueOf(text, "ws_close", { by: "client", code: "1000" })).toBe(9);
    expect(valueOf(text, "checks", { result: "fail" })).toBe(3);
    expect(valueOf(text, "wsctl_cpu")).toBe(0.37);
  });

  test("has trends as summaries, in ms", () => {
    const rtt = resultWith().trends["ws_msg_rtt"]!;
    expect(valueOf(text, "ws_msg_rtt", { quantile: "0.99" })).toBe(rtt.p99);
    expect(valueOf(text, "ws_msg_rtt", { quantile: "1" })).toBe(rtt.max);
    expect(valueOf(text, "ws_msg_rtt_count")).toBe(rtt.count);
    expect(valueOf(text, "ws_msg_rtt_sum")).toBeCloseTo(rtt.mean * rtt.count, 6);
  });

  test("tells scenarios under names of their own, so that a sum counts nothing twice", () => {
    expect(valueOf(text, "wsctl_scenario_ws_msgs_sent", { scenario: "chat" })).toBe(500);
    const rtt = { scenario: "chat", quantile: "0.5" };
    expect(valueOf(text, "wsctl_scenario_ws_msg_rtt", rtt)).toBeGreaterThan(0);
    const sent = scrape(text).samples.filter(({ name }) => name === "ws_msgs_sent");
    expect(sent).toHaveLength(1);
  });

  test("says whether it is evidence, and which thresholds held", () => {
    expect(valueOf(text, "wsctl_run_valid")).toBe(1);
    const failed = { metric: "ws_msg_rtt", expression: "p(99)<200" };
    expect(valueOf(text, "wsctl_threshold_ok", failed)).toBe(0);
    const held = { metric: "ws_connecting{scenario:chat}", expression: "p(95)<500" };
    expect(valueOf(text, "wsctl_threshold_ok", held)).toBe(1);
  });

  test("that is hostile has no line of its own making", () => {
    // The same scenario's name twice is a forgery of its own; Prometheus refuses the second.
    const { scenarios } = hostile;
    const page = prometheusReport({ ...hostile, scenarios: scenarios.slice(0, 1) });
    expect(scrape(page).samples.length).toBeGreaterThan(20);
  });
});

describe("a run under way", () => {
  const interval = (second: number, changed: Partial<Interval> = {}): Interval => ({
    second,
    span: 1000,
    counters: { ws_msgs_sent: 10, "ws_close{by:server,code:1000}": 1 },
    gauges: { ws_sessions_open: second },
    trends: { ws_msg_rtt: { count: 4, p50: 1.5, p99: second, max: 30 } },
    ...changed,
  });
  const start = {
    id: "run-1",
    workers: 1,
    model: "rate",
    pacer: "timer",
    askedRate: 5,
    loopback: true,
    targets: [],
    connections: 1,
    duration: 1000,
  } as const;

  test("is empty before anything is known, and that is an exposition, too", () => {
    expect(scrape(new PrometheusPage().render()).samples).toEqual([]);
  });

  test("sums counters, and has the readings and quantiles of the last second", () => {
    const page = new PrometheusPage();
    page.start(start);
    page.phase("opening");
    page.add(interval(1));
    page.phase("traffic");
    page.add(interval(2));
    const text = page.render();
    expect(valueOf(text, "ws_msgs_sent")).toBe(20);
    expect(valueOf(text, "ws_close", { by: "server", code: "1000" })).toBe(2);
    expect(valueOf(text, "ws_sessions_open")).toBe(2);
    expect(valueOf(text, "ws_msg_rtt", { quantile: "0.99" })).toBe(2);
    expect(valueOf(text, "ws_msg_rtt_count")).toBe(8);
    expect(valueOf(text, "wsctl_run_phase", { phase: "traffic" })).toBe(1);
    expect(valueOf(text, "wsctl_run_phase", { phase: "opening" })).toBe(0);
    expect(valueOf(text, "wsctl_run_info", { run: "run-1" })).toBe(1);
  });

  test("in a second without values has no quantiles, and still its count", () => {
    const page = new PrometheusPage();
    page.add(interval(1));
    page.add(interval(2, { trends: {} }));
    expect(valueOf(page.render(), "ws_msg_rtt", { quantile: "0.99" })).toBeNaN();
    expect(valueOf(page.render(), "ws_msg_rtt_count")).toBe(4);
  });

  test("keeps a bounded number of series, and counts all the same", () => {
    const page = new PrometheusPage();
    for (let round = 0; round < 25; round++) {
      const codes = Array.from({ length: 500 }, (_, i) => [`ws_close{code:${round * 500 + i}}`, 1]);
      page.add(interval(round, { counters: Object.fromEntries(codes) }));
    }
    const closes = scrape(page.render()).samples.filter(({ name }) => name === "ws_close");
    expect(closes.length).toBeLessThanOrEqual(10_001);
    expect(closes.reduce((sum, { value }) => sum + value, 0)).toBe(12_500);
  });

  test("becomes its result when it is over", () => {
    const page = new PrometheusPage();
    page.start(start);
    page.add(interval(1));
    page.stop(resultWith(eventful));
    expect(page.render()).toBe(prometheusReport(resultWith(eventful)));
  });
});
