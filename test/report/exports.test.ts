/** Shows what other programs read of a run: JUnit, annotations, CSV, HDR histograms, Prometheus. */
import { readFileSync } from "node:fs";
import { parse } from "csv-parse/sync";
import { decodeFromCompressedBase64, HistogramLogReader, listTags } from "hdr-histogram-js";
import { describe, expect, test } from "vitest";
import { validateXML } from "xmllint-wasm";
import { catalogue } from "../../src/metrics/catalogue.js";
import type { RunResult } from "../../src/metrics/run-result.js";
import { csvReport } from "../../src/report/csv.js";
import { githubAnnotations } from "../../src/report/github.js";
import { hgrmReport, hlogReport } from "../../src/report/hlog.js";
import { junitReport } from "../../src/report/junit.js";
import { markdownReport } from "../../src/report/markdown.js";
import { textReport } from "../../src/report/text.js";
import { hostile } from "./hostile.js";
import { eventful, plainInk, resultWith, runWith, summaryOf } from "./results.js";

const full = resultWith(eventful);
const invalid: Partial<RunResult> = {
  validity: { ok: false, reasons: [{ code: "cpu-saturated", detail: "busy", remedy: "rest" }] },
};

describe("JUnit", () => {
  const schema = readFileSync(new URL("junit.xsd", import.meta.url), "utf8");

  test.each([
    ["a plain run", resultWith()],
    ["an eventful one", full],
    ["an INVALID one", resultWith(invalid)],
    ["a hostile one", hostile],
  ])("of %s is valid by its schema", async (_which, result) => {
    const { valid, errors } = await validateXML({
      xml: { fileName: "run.xml", contents: junitReport(result) },
      schema,
    });
    expect(errors).toEqual([]);
    expect(valid).toBe(true);
  });

  test("has a case for each threshold and each step, and counts them", () => {
    const xml = junitReport(full);
    expect(xml).toContain('<testsuites name="wsctl" tests="7" failures="4" errors="0"');
    expect(xml).toMatch(/<testsuite name="wsctl\.thresholds" tests="4" failures="3" errors="0"/);
    expect(xml).toMatch(/<testsuite name="wsctl\.expectations" tests="2" failures="1"/);
    expect(xml).toContain('name="ws_msg_rtt: p(99)&lt;200"');
    expect(xml).toMatch(/message="312 ms \(112 ms over\), it ended the run"/);
    expect(xml).toContain("at scenarios/chat.yaml:12:7");
    expect(xml).toMatch(/message="3 of 100 expectations were not met"/);
    expect(xml).toContain("got {&quot;ok&quot;:false}");
    expect(xml).toContain('<property name="scenario" value="chat.yaml"/>');
    expect(xml).toContain('timestamp="2026-01-02T03:04:05"');
  });

  test("of an INVALID run has an error: nothing is known of what was to be tested", () => {
    const xml = junitReport(resultWith(invalid));
    expect(xml).toContain('tests="1" failures="0" errors="1"');
    expect(xml).toMatch(/<error message="cpu-saturated: busy" type="wsctl">/);
  });
});

describe("what CI is told", () => {
  const unmet = resultWith({ expectations: full.expectations });
  const gatedBy = (ok: boolean): RunResult => {
    const threshold = { ...full.thresholds[1]!, ok };
    return resultWith({ expectations: full.expectations, thresholds: [threshold] });
  };

  test("unmet expectations alone fail nothing, and are told", () => {
    const xml = junitReport(unmet);
    expect(xml).toContain('tests="3" failures="0" errors="0"');
    expect(xml).toMatch(/<system-out>3 of 100 expectations were not met\ngot [^<]*<\/system-out>/);
    expect(markdownReport(unmet)).toMatch(/^## ✅ wsctl: passed, with 3 unmet expectations\n/);
    expect(textReport(unmet, plainInk)).toContain("passed, with 3 unmet expectations");
  });

  test("a threshold on them makes failures of them when it fails, and only then", () => {
    expect(junitReport(gatedBy(false))).toContain('tests="4" failures="2" errors="0"');
    expect(junitReport(gatedBy(true))).toContain('tests="4" failures="0" errors="0"');
    expect(markdownReport(gatedBy(true))).toMatch(/^## ✅ wsctl: passed\n/);
    const other = { ...full.thresholds[0]! };
    const elsewhere = resultWith({ expectations: full.expectations, thresholds: [other] });
    expect(junitReport(elsewhere)).toContain('tests="4" failures="1" errors="0"');
  });

  test("a run that was ended before its time has an error, and an annotation", () => {
    const ended = resultWith({ interrupted: true });
    expect(junitReport(ended)).toMatch(/errors="1"[^]*<error message="interrupted"/);
    expect(githubAnnotations(ended)).toBe(
      "::error title=wsctl%3A interrupted::the run was ended before its time\n",
    );
    expect(markdownReport(ended)).toMatch(/^## ⚠️ wsctl: interrupted\n/);
  });

  test("targets that are no texts are left out everywhere", () => {
    const odd = resultWith({ plan: { targets: [{ a: 1 }, "ws://x/", null, 7], connections: 1 } });
    expect(junitReport(odd)).toContain('<property name="targets" value="ws://x/"/>');
    for (const report of [junitReport(odd), markdownReport(odd), textReport(odd, plainInk)]) {
      expect(report).not.toContain("[object");
    }
  });
});

describe("annotations for GitHub", () => {
  test("say nothing of a run on which nothing failed", () => {
    expect(githubAnnotations(resultWith())).toBe("");
  });

  test("name file, line and column of what failed, if it came from a file", () => {
    const [first, second] = githubAnnotations(full).split("\n");
    expect(first).toBe(
      "::error file=scenarios/chat.yaml,line=12,col=7,title=wsctl%3A threshold failed::" +
        "ws_msg_rtt: p(99)<200: 312 ms (112 ms over), it ended the run",
    );
    expect(second).toBe(
      "::error title=wsctl%3A threshold failed::checks: rate>99%25: 97 %25 (2 points under)",
    );
    expect(githubAnnotations(full)).toMatch(/::warning title=.*::chat: join: 3 of 100 not met/);
    expect(githubAnnotations(resultWith(invalid))).toMatch(/^::error title=wsctl%3A INVALID::cpu/);
  });

  test.each([
    ["C:\\load\\a.yaml:3:4", "file=C%3A\\load\\a.yaml,line=3,col=4"],
    ["a,b.yaml:3:4", "file=a%2Cb.yaml,line=3,col=4"],
  ])("%s is %s", (place, properties) => {
    const thresholds = [{ ...full.thresholds[0]!, place }];
    expect(githubAnnotations(resultWith({ thresholds }))).toContain(`::error ${properties},title`);
  });

  test("never have a line that somebody else wrote", () => {
    for (const line of githubAnnotations(hostile).trimEnd().split("\n")) {
      expect(line).toMatch(/^::(error|warning) (\w+=[^:,]*)(,\w+=[^:,]*)*::/);
    }
  });
});

describe("CSV", () => {
  const rows = (result: RunResult): Record<string, string>[] =>
    parse(csvReport(result), { columns: true, record_delimiter: "\r\n" });

  test("has a row a second and always the same columns", () => {
    const [head] = csvReport(resultWith()).split("\r\n");
    expect(csvReport(full).split("\r\n")[0]).toBe(head);
    expect(rows(full)).toHaveLength(3);
    for (const name of Object.keys(catalogue)) expect(head).toContain(`,${name}`);
  });

  test("has figures where there are some, and nothing else", () => {
    expect(rows(full)[2]).toMatchObject({
      time: "2026-01-02T03:04:15.000Z",
      seconds: "1",
      ws_msgs_sent: "104",
      ws_close: "1",
      ws_msgs_received: "0",
      ws_sessions_open: "10",
      wsctl_cpu: "",
      ws_msg_rtt_p99: "20.25",
      ws_tls_p99: "",
    });
  });

  test("tells of rows that a stage's end cut short when they began, and how long they are", () => {
    const spans = [100, 1900.5, 600, 1400, 1000];
    const series = spans.map((span, index) => ({
      second: index + 1,
      span,
      counters: { ws_msgs_sent: span },
      gauges: {},
      trends: {},
    }));
    const told = rows(resultWith({ ...runWith({ took: 5250.5 }), series }));
    expect(told.map(({ time, seconds }) => [time!.slice(17, -1), seconds])).toEqual([
      ["05.250", "0.1"],
      ["05.350", "1.9005"],
      ["07.250", "0.6"],
      ["07.850", "1.4"],
      ["09.250", "1"],
    ]);
    // Of several workers the longest lengths are told, and together they may be longer than the run.
    const drifted = rows(resultWith({ ...runWith({ took: 5000 }), series }));
    expect(drifted[0]!["time"]).toBe("2026-01-02T03:04:05.000Z");
    expect(Date.parse(drifted[4]!["time"]!)).toBeLessThan(Date.parse("2026-01-02T03:04:10.000Z"));
    for (const row of told) {
      expect(Number(row["ws_msgs_sent"]) / Number(row["seconds"])).toBeCloseTo(1000);
    }
  });

  test("holds no cell that a spreadsheet could take for a formula", () => {
    for (const row of rows(hostile)) {
      for (const cell of Object.values(row)) expect(cell).toMatch(/^$|^-?\d+(\.\d+)?$|^\d{4}-.*Z$/);
    }
    expect(rows(hostile)).toHaveLength(1);
  });
});

describe("the histogram log", () => {
  test("is read by HdrHistogram's own reader, tags, times and values", () => {
    const log = hlogReport(full);
    expect(listTags(log)).toEqual([
      ...Object.keys(full.trends),
      "ws_msg_rtt{scenario:chat}",
      "ws_msg_rtt{stage:ramp}",
      "ws_msg_rtt{stage:steady}",
    ]);
    const reader = new HistogramLogReader(log, 64);
    for (const [key, { count, hdr, p99 }] of Object.entries(full.trends)) {
      const histogram = reader.nextIntervalHistogram()!;
      expect(histogram.tag).toBe(key);
      expect(histogram.totalCount).toBe(count);
      expect(histogram.getValueAtPercentile(99) / 1000).toBe(p99);
      expect(histogram.startTimeStampMsec).toBe(Date.parse(full.run.startedAt));
      expect(histogram.endTimeStampMsec - histogram.startTimeStampMsec).toBeCloseTo(11_000, 0);
      expect(histogram.maxValue).toBe(decodeFromCompressedBase64(hdr, 64).maxValue);
    }
  });

  test("has one line a trend whatever its name is", () => {
    const lines = hlogReport(hostile).trimEnd().split("\n");
    const tagged = lines.filter((line) => !/^[#"]/.test(line));
    for (const line of tagged) expect(line).toMatch(/^Tag=[^,\s]+,0\.000,[\d.]+,[\d.]+,[\w+/=]+$/);
    expect(tagged.length).toBeGreaterThan(10);
    expect(lines.length - tagged.length).toBe(5);
  });
});

describe("the percentile distribution", () => {
  test("is of the round trip, in ms, up to its maximum", () => {
    const lines = hgrmReport(full).split("\n");
    expect(lines[0]).toBe("# ws_msg_rtt, values in ms");
    expect(lines[1]).toMatch(/^\s*Value\s+Percentile\s+TotalCount\s+1\/\(1-Percentile\)$/);
    const points = lines.flatMap((line) => {
      const [, value, percentile] =
        /^\s*([\d.]+)\s+([\d.]+)\s+\d+(?:\s+[\d.]+)?\s*$/.exec(line) ?? [];
      return value === undefined ? [] : [[Number(value), Number(percentile)]];
    });
    expect(points.length).toBeGreaterThan(10);
    expect(points.at(-1)![1]).toBe(1);
    expect(points.at(-1)![0]).toBeCloseTo(full.trends["ws_msg_rtt"]!.max, 0);
  });

  test("is of something else when nothing was correlated, and of nothing when nothing was timed", () => {
    expect(hgrmReport(resultWith({ trends: { ws_ping: summaryOf(3) } }))).toMatch(/^# ws_ping/);
    expect(hgrmReport(resultWith({ trends: {} }))).toBe("# nothing was timed\n");
  });
});

describe("a server that could not be reached", () => {
  const reason = (code: "target-lost" | "nothing-opened", detail: string) => {
    return { code, detail, remedy: "see the errors" };
  };
  const down = {
    validity: {
      ok: false,
      reasons: [reason("target-lost", "all ended"), reason("nothing-opened", "none opened")],
    },
    errors: [
      { what: "connection failed: dns", count: 2, example: "" },
      { what: "connection failed: refused", count: 20, example: "no <way>\u001b[2J" },
    ],
  };
  const cause = "nothing-opened: none opened (20 × connection failed: refused: no ";

  test("is told by JUnit and GitHub with the most frequent error", () => {
    const xml = junitReport(resultWith(down));
    expect(xml).toContain(`<error message="${cause}&lt;way&gt;␛[2J)"`);
    expect(xml).not.toMatch(/target-lost/);
    const told = githubAnnotations(resultWith(down));
    expect(told).toContain(`::${cause}<way>␛[2J)\n`);
    expect(told).not.toMatch(/target-lost/);
    expect(markdownReport(resultWith(down))).not.toMatch(/target-lost/);
  });

  test("and has no cause where there is no error, nor has what errors do not explain", () => {
    const unknown = junitReport(resultWith({ ...down, errors: [] }));
    expect(unknown).toContain('<error message="nothing-opened: none opened"');
    const other = junitReport(resultWith({ ...invalid, errors: down.errors }));
    expect(other).not.toContain("refused");
    const silent = { ...down, errors: [{ what: "refused", count: 1, example: "" }] };
    expect(junitReport(resultWith(silent))).toContain("none opened (1 × refused)");
  });
});
