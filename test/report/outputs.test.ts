/** Shows the course of a run as it is told: drawn anew on a terminal, in lines elsewhere, as JSON at the end. */
import { describe, expect, test } from "vitest";
import { jsonReport } from "../../src/report/json.js";
import { LivePanel } from "../../src/report/live-panel.js";
import { ProgressLines } from "../../src/report/progress-lines.js";
import { parseRunResult } from "../../src/metrics/saved-run.js";
import { reporters } from "../../src/report/reporters.js";
import { SaidLines } from "../../src/report/said-lines.js";
import { interval, start } from "./course.js";
import { hostile } from "./hostile.js";
import { plainInk, resultWith } from "./results.js";

describe("JSON", () => {
  test("is the whole result, one document on one line", () => {
    const result = resultWith();
    const text = jsonReport(result);
    expect(text.endsWith("}\n")).toBe(true);
    expect(text.trimEnd()).not.toContain("\n");
    expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(result)));
    expect(JSON.parse(text)).toMatchObject({
      $schema: "wsctl.run/1",
      totals: result.totals,
      trends: result.trends,
      conservation: { expected: 2000 },
      validity: { ok: true },
      interrupted: false,
    });
  });

  test("holds no raw control character, whatever a server said", () => {
    const errors = [{ what: "x", count: 1, example: "\u001b[2J\n\u0000" }];
    // oxlint-disable-next-line no-control-regex -- control characters are the subject here
    expect(jsonReport(resultWith({ errors })).trimEnd()).not.toMatch(/[\u0000-\u001f]/);
  });
});

test.each(Object.entries(reporters))(
  "the reporter %s renders from the result alone",
  (_kind, render) => {
    const stored = JSON.parse(JSON.stringify(resultWith())) as ReturnType<typeof resultWith>;
    expect(render(stored, plainInk)).toBe(render(resultWith(), plainInk));
    expect(render(stored, plainInk).endsWith("\n")).toBe(true);
  },
);

test.each(Object.entries(reporters))(
  "the reporter %s makes a hostile result harmless, fresh or saved",
  (_kind, render) => {
    const saved = parseRunResult(JSON.stringify(hostile), "hostile.json");
    for (const result of [hostile, saved]) {
      const text = render(result, plainInk);
      // oxlint-disable-next-line no-control-regex -- control characters are the subject here
      expect(text.replace(/\r\n/g, "\n")).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
      expect(text).not.toMatch(/[\u2028\u202e]/);
    }
  },
);

describe("what a stage's end cut short", () => {
  test("is put together again before it is told as a rate", () => {
    const drawn: string[] = [];
    const live = new LivePanel(plainInk, {
      draw: (text) => drawn.push(text),
      clear: () => {},
      above: () => {},
    });
    live.start(start);
    live.add(interval({ counters: { ws_msgs_sent: 100 } }));
    live.add(interval({ span: 10, counters: { ws_msgs_sent: 50 } }));
    expect(drawn.at(-1)).toMatch(/sent 100\/s/);
    live.add(interval({ span: 1990, counters: { ws_msgs_sent: 150 } }));
    live.stop();
    expect(drawn.at(-1)).toMatch(/sent 100\/s/);
  });

  test("does not make lines come early", () => {
    const lines: string[] = [];
    const progress = new ProgressLines((line) => lines.push(line));
    for (let part = 0; part < 40; part++) {
      progress.add(interval({ second: part, span: 500, counters: { ws_msgs_sent: 50 } }));
    }
    expect(lines.map((line) => line.replace(/, rtt.*/, ""))).toEqual([
      "10 s: 5 open, 100 sent/s, 0 received/s",
      "20 s: 5 open, 100 sent/s, 0 received/s",
    ]);
  });
});

describe("what steps say, line by line", () => {
  test("is bounded by the second, and what was left out is told", () => {
    const lines: string[] = [];
    const said = new SaidLines((line) => lines.push(line), false);
    for (let n = 0; n < 50; n++) said.say(`first ${n}`, 10);
    said.say("second", 1010);
    for (let n = 0; n < 50; n++) said.say(`third ${n}`, 3000);
    said.end();
    expect(lines.slice(0, 2)).toEqual(["log: first 0", "log: first 1"]);
    expect(lines[19]).toBe("log: first 19");
    expect(lines.slice(20, 23)).toEqual(["log: 30 lines left out", "log: second", "log: third 0"]);
    expect(lines.at(-1)).toBe("log: 60 lines left out in all");
    expect(lines).toHaveLength(43);
  });

  test("is all there when that is wanted", () => {
    const lines: string[] = [];
    const progress = new ProgressLines((line) => lines.push(line), { isVerbose: true });
    for (let n = 0; n < 500; n++) progress.log(`${n}`);
    progress.stop();
    expect(lines).toHaveLength(500);
  });
});

describe("what a step has to say", () => {
  test("stays above the panel, all of it, when that was asked for", () => {
    let above = "";
    const drawn: string[] = [];
    const canvas = {
      draw: (text: string) => void drawn.push(text),
      clear: () => {},
      above: (lines: string) => void (above += lines),
    };
    const live = new LivePanel(plainInk, canvas, { isVerbose: true });
    live.start(start);
    live.phase("traffic");
    const said = Array.from({ length: 50 }, (_, index) => `line ${index}\u001b[2J`);
    for (const line of said) live.log(line);
    live.phase("draining");
    live.log("the last");
    live.stop();
    expect(above.split("\n")).toEqual([
      ...said.map((_, index) => `log: line ${index}␛[2J`),
      "log: the last",
      "",
    ]);
    expect(drawn.join()).not.toContain("line 49");
  });

  test("is a line of its own, or the last one on the panel, and harmless", () => {
    const lines: string[] = [];
    new ProgressLines((line) => lines.push(line)).log("a\u001b[2Jb");
    expect(lines).toEqual(["log: a␛[2Jb"]);
    const drawn: string[] = [];
    const live = new LivePanel(plainInk, {
      draw: (text) => drawn.push(text),
      clear: () => {},
      above: () => {},
    });
    live.start(start);
    live.log("before");
    live.log("c\u001b[2Jd");
    live.phase("traffic");
    live.stop();
    expect(drawn.at(-1)).toContain("c␛[2Jd");
    expect(drawn.at(-1)).not.toContain("before");
  });
});

describe("progress in lines", () => {
  test("is a line for each phase and one every ten seconds", () => {
    const lines: string[] = [];
    const progress = new ProgressLines((line) => lines.push(line));
    progress.start();
    progress.phase("opening");
    for (let second = 1; second <= 25; second++) progress.add(interval({ second }));
    progress.phase("draining");
    progress.stop();
    expect(lines).toHaveLength(4);
    expect(lines[0]).toBe("opening");
    expect(lines[1]).toMatch(
      /^10 s: 5 open, 1.000 sent\/s, 0 received\/s, rtt p50 1\.50 ms p99 20/,
    );
    expect(lines[2]).toMatch(/^20 s/);
    for (const line of lines) expect(line).not.toContain("\n");
  });

  test("says nothing of replies when there were none", () => {
    const lines: string[] = [];
    const progress = new ProgressLines((line) => lines.push(line));
    const nothing = { trends: {}, counters: {}, gauges: {} };
    for (let second = 1; second <= 10; second++) progress.add(interval({ ...nothing, second }));
    expect(lines).toEqual(["10 s: 0 open, 0 sent/s, 0 received/s"]);
  });
});
