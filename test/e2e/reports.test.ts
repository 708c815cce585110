/** Shows where the figures of a real run go: files, a page, GitHub, and back again. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { exitWithin } from "../support/child.js";
import { runWsctl, startWsctl } from "../support/wsctl.js";
import { startServe } from "./load-run.js";
import { until } from "./processes.js";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "wsctl-e2e-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const at = (name: string): string => path.join(folder, name);
const read = (name: string): string => readFileSync(at(name), "utf8");

test("one run writes every kind of report, and `report` makes the same of what was saved", async () => {
  const kinds = ["json", "text", "junit", "markdown", "csv", "hlog", "hgrm", "prometheus"];
  const outputs = kinds.flatMap((kind) => ["-o", `${kind}=${at(kind)}`]);
  const args = ["load", "--serve", "-q", "-d", "300ms", ...outputs];
  const { code, stdout, stderr } = await runWsctl(args);
  expect([code, stderr]).toEqual([0, ""]);
  const again = kinds.slice(1).flatMap((kind) => ["-o", `${kind}=${at(`${kind}-again`)}`]);
  const rendered = await runWsctl(["report", at("json"), ...again, "-o", "text"]);
  expect(rendered).toMatchObject({ code: 0, stdout, stderr: "" });
  for (const kind of kinds.slice(1)) {
    const saved = read(kind);
    expect([kind, saved.length > 50, read(`${kind}-again`)]).toEqual([kind, true, saved]);
  }
});

test("a run is compared with another, and gated", async () => {
  const [quick, slow] = await Promise.all([startServe(), startServe(["--delay", "30ms"])]);
  const runs = await Promise.all(
    (
      [
        ["base", quick],
        ["new", slow],
      ] as const
    ).map(([name, { url }]) =>
      runWsctl(["load", url, "-q", "-d", "400ms", "-o", `json=${at(name)}`]),
    ),
  );
  expect(runs.map(({ code }) => code)).toEqual([0, 0]);
  const gate = ["--max-regress", "ws_msg_rtt p(50)=50%"];
  const [worse, better] = await Promise.all([
    runWsctl(["compare", at("base"), at("new"), ...gate]),
    runWsctl(["compare", at("new"), at("base"), ...gate]),
  ]);
  expect([worse.code, better.code]).toEqual([99, 0]);
  const [verdict, failed] = worse.stdout.trim().split("\n");
  expect(verdict).toBe("REGRESSED  1 of 1 gate failed");
  expect(failed).toMatch(/^ {2}✗ ws_msg_rtt p\(50\)=50% {2}.* → .*, \+.* ms \(\+.* %\)$/);
  for (const name of ["base", "new"]) expect(worse.stdout).toContain(at(name));
  expect(worse.stdout).not.toContain("ws_msg_rtt avg");
  const all = await runWsctl(["compare", at("base"), at("new"), "--all"]);
  expect(all.stdout).toContain("ws_msg_rtt avg");
});

test("in a job of GitHub the summary is added to, and failed thresholds are annotations", async () => {
  const env = { GITHUB_ACTIONS: "true", GITHUB_STEP_SUMMARY: at("summary.md") };
  const gate = ["--threshold", "ws_msg_rtt: p(99)<1us"];
  const args = ["load", "--serve", "-q", "-d", "200ms", ...gate];
  const { code, stdout } = await runWsctl(args, { env });
  expect(code).toBe(99);
  expect(stdout).toMatch(/^::error title=wsctl%3A threshold failed::ws_msg_rtt: p\(99\)<1us: /m);
  expect(read("summary.md")).toMatch(/^## /);
});

test("the figures can be scraped while the run lasts, and not after it", async () => {
  await using child = startWsctl(["load", "--serve", "-d", "5m", "-o", "prometheus=:0"]);
  const url = await until(() => {
    const [, found] = /^metrics: (\S+)$/m.exec(child.output.stderr) ?? [];
    if (found === undefined) throw new Error(child.output.stderr);
    return found;
  });
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/metrics$/);
  const page = await until(async () => {
    const text = await (await fetch(url)).text();
    expect(text).toMatch(/^ws_msgs_sent(?:_total)? [1-9]/m);
    return text;
  });
  expect(page).toContain('wsctl_run_phase{phase="traffic"} 1');
  child.kill("SIGINT");
  expect((await exitWithin(child, 10_000)).code).toBe(130);
  await expect(fetch(url)).rejects.toThrow();
});

test("what cannot be written is told before anything is started", async () => {
  const { code, stdout, stderr } = await runWsctl(["load", "--serve", "-o", "json=/none/run.json"]);
  expect([code, stdout]).toEqual([2, ""]);
  expect(stderr).toMatch(/^error: cannot write \/none\/run\.json: there is no directory \/none/);
});
