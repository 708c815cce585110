/** Shows `wsctl report` and `wsctl compare`: saved results, rendered again and set side by side. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import type { RunResult } from "../../src/metrics/run-result.js";
import { reporters } from "../../src/report/reporters.js";
import { plainInk, resultWith, summaryOf } from "../report/results.js";
import { wsctl } from "./fake-host.js";
import { fileWith, newFolder } from "./scenario-files.js";

function saved(result: RunResult, name = "run.json"): string {
  return fileWith(reporters.json(result), name);
}

/** A good run of that p(99), in ms. */
function runOf(p99: number, changes: Partial<RunResult> = {}): RunResult {
  const trends = { ws_msg_rtt: summaryOf(...Array.from({ length: 99 }, () => 1), p99, p99) };
  return resultWith({ validity: { ok: true, reasons: [] }, trends, ...changes });
}

describe("report", () => {
  test("renders what was saved as it was on the terminal", async () => {
    const result = resultWith();
    const { code, stdout, stderr } = await wsctl(["report", saved(result)]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toBe(reporters.text(result, { ...plainInk, width: 100 }));
  });

  test("writes kinds to files, and then says nothing", async () => {
    const file = path.join(newFolder(), "r.xml");
    const result = resultWith();
    const ran = await wsctl(["report", saved(result), "-o", `junit=${file}`]);
    expect(ran).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(readFileSync(file, "utf8")).toBe(reporters.junit(result));
  });

  test("-o markdown goes to stdout", async () => {
    const result = resultWith();
    const { stdout } = await wsctl(["report", saved(result), "-o", "markdown"]);
    expect(stdout).toBe(reporters.markdown(result));
  });

  test.each([
    ["nothing", "", /it is not JSON/],
    ["a scenario", "config: {}", /it is not JSON/],
    ["another document", "{}", /says no version/],
    ["a later version", '{"$schema":"wsctl.run/9"}', /"wsctl\.run\/9"/],
    ["half of a result", reporters.json(resultWith()).slice(0, 500), /it is not JSON/],
  ])("%s is no result", async (_what, text, message) => {
    const { code, stdout, stderr } = await wsctl(["report", fileWith(text, "run.json")]);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(message);
  });

  test("a file that is not there, and an output that cannot be", async () => {
    const none = await wsctl(["report", path.join(newFolder(), "x.json")]);
    expect([none.code, none.stderr]).toEqual([
      2,
      expect.stringMatching(/cannot read.*ENOENT/) as string,
    ]);
    const page = await wsctl(["report", saved(resultWith()), "-o", "prometheus=:9464"]);
    expect([page.code, page.stderr]).toEqual([
      2,
      expect.stringMatching(/cannot be served/) as string,
    ]);
  });
});

describe("compare", () => {
  const gate = ["--max-regress", "ws_msg_rtt p(99)=10%"];

  test("sets two runs side by side, and asks nothing unless told", async () => {
    const { code, stdout, stderr } = await wsctl(["compare", saved(runOf(10)), saved(runOf(50))]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/ws_msg_rtt p\(99\) +10\.0 ms +50\.0 ms +\+40\.0 ms +\+400 %/);
  });

  test.each([
    [10, 10.5, 0],
    [10, 50, 99],
    [50, 10, 0],
  ])("holds %d ms and %d ms against 10 %%: exit %d", async (before, after, code) => {
    const ran = await wsctl(["compare", saved(runOf(before)), saved(runOf(after)), ...gate]);
    expect(ran.code).toBe(code);
    expect(ran.stdout).toContain(code === 0 ? "✓ ws_msg_rtt p(99)=10%" : "✗ ws_msg_rtt p(99)=10%");
  });

  test("is 98 when a run that is no evidence is gated", async () => {
    const reasons = [{ code: "worker-lost", detail: "d", remedy: "r" }] as const;
    const broken = runOf(10, { validity: { ok: false, reasons } });
    expect((await wsctl(["compare", saved(broken), saved(runOf(10)), ...gate])).code).toBe(98);
    expect((await wsctl(["compare", saved(runOf(10)), saved(broken), ...gate])).code).toBe(98);
    expect((await wsctl(["compare", saved(runOf(10)), saved(broken)])).code).toBe(0);
  });

  test("writes markdown and JSON, and adds to the summary of a step", async () => {
    const folder = newFolder();
    const [md, json, summary] = ["c.md", "c.json", "s.md"].map((name) => path.join(folder, name));
    const files = ["-o", `markdown=${md}`, "-o", `json=${json}`];
    const args = ["compare", saved(runOf(10)), saved(runOf(50)), ...gate, ...files];
    const { code, stdout } = await wsctl(args, { env: { GITHUB_STEP_SUMMARY: summary! } });
    expect([code, stdout]).toEqual([99, expect.stringMatching(/REGRESSED/) as string]);
    expect(readFileSync(md!, "utf8")).toMatch(/^## .*REGRESSED/);
    expect(JSON.parse(readFileSync(json!, "utf8"))).toMatchObject({
      $schema: "wsctl.comparison/1",
      verdict: "regressed",
      gates: [{ gate: "ws_msg_rtt p(99)=10%", ok: false }],
    });
    expect(readFileSync(summary!, "utf8")).toBe(readFileSync(md!, "utf8"));
  });

  test("--json is one document", async () => {
    const run = saved(runOf(10));
    const { code, stdout } = await wsctl(["compare", run, run, "--json", ...gate]);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^\{.*\}\n$/) as string]);
  });

  test.each([
    [["--max-regress", "ws_msg_rtt"], /does not say what may be worse/],
    [["--max-regress", "ws_msg_rt p(99)=10%"], /no metric "ws_msg_rt"/],
    [["-o", "junit=x"], /no output "junit"/],
  ])("%j is refused", async (args, message) => {
    const run = saved(runOf(10));
    const { code, stdout, stderr } = await wsctl(["compare", run, run, ...args]);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(message);
  });

  test("what cannot be read is exit 2", async () => {
    const run = saved(runOf(10));
    expect((await wsctl(["compare", run, "/none.json"])).code).toBe(2);
    expect((await wsctl(["compare", fileWith("x", "x.json"), run])).code).toBe(2);
    expect((await wsctl(["compare", run])).code).toBe(2);
  });
});

test("a gate of compare that is none is said of its flag", async () => {
  const { code, stderr } = await wsctl([
    "compare",
    "a.json",
    "b.json",
    "--max-regress",
    "nonsense",
  ]);
  expect([code, stderr]).toEqual([
    2,
    expect.stringMatching(/^error: --max-regress: "nonsense" does/),
  ]);
});
