/** Shows that a threshold with `abortOnFail` ends a run as soon as it has failed, and says so. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { runWsctl } from "../support/wsctl.js";
import { expectConserved, loadJson, wrongWith } from "./load-run.js";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), "wsctl-e2e-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const planned = 600_000;
const limit = 30;

/** A plan of ten minutes, which asks 20 times a second and is to be answered less than 30 times. */
function plan(threshold: string): string {
  const file = path.join(folder, "scenario.yaml");
  writeFileSync(
    file,
    `
config:
  load: { connections: 2, duration: ${planned}ms, gracefulStop: 1s }
  correlate: { by: id, request: $.id, timeout: 5s }
  thresholds:
    ws_msg_answered: [${threshold}]
    checks: ["rate==100%"]
flow:
  - name: ask
    send: { json: { id: "{{ $uuid }}" } }
    expect: { json: $.id, exists: true }
  - think: 100ms
`,
  );
  return file;
}

test("the run ends when it has failed, and not when its time is over", async () => {
  const file = plan(`{ threshold: "count<${limit}", abortOnFail: true }`);
  const { code, result } = await loadJson([file, "--serve", "-q"]);
  expect([code, wrongWith(result)]).toEqual([99, []]);
  expectConserved(result);
  let answered = 0;
  const failing = result.series.findIndex(
    ({ counters }) => (answered += counters["ws_msg_answered"] ?? 0) >= limit,
  );
  expect(failing).toBeGreaterThan(-1);
  // The first look at it is not put off by a second in which nothing could have happened.
  expect(result.series[0]?.counters["ws_sessions"]).toBe(2);
  // However busy the machine is, most of the time was still to come.
  expect(result.run.trafficFor).toBeLessThan(planned / 4);
  expect(result.thresholds).toMatchObject([
    { metric: "ws_msg_answered", ok: false, aborted: true },
    { metric: "checks", ok: true, aborted: false },
  ]);
});

test("not before `after` is over", async () => {
  const file = plan(`{ threshold: "count<1", abortOnFail: true, after: 2s }`);
  const { code, result } = await loadJson([file, "--serve", "-q"]);
  expect(code).toBe(99);
  expect(result.run.trafficFor).toBeGreaterThanOrEqual(2000);
  expect(result.run.trafficFor).toBeLessThan(planned / 4);
});

test("exit code 99 comes with which threshold it was, and by how much", async () => {
  const file = plan(`"count>0", { threshold: "count<${limit}", abortOnFail: true }`);
  const { code, stdout } = await runWsctl(["load", file, "--serve", "-q"]);
  expect(code).toBe(99);
  const [, actual = "", over = ""] =
    /✗ ws_msg_answered:? count<30 +(\d+)\D+(\d+)\D.*it ended the run\n/.exec(stdout) ?? [];
  expect(Number(actual)).toBeGreaterThanOrEqual(limit);
  expect(Number(over)).toBe(Number(actual) - limit);
  expect(stdout).toMatch(/✓ ws_msg_answered:? count>0 /);
  expect(stdout).toMatch(/✓ checks:? rate==100% /);
  expect(stdout).toMatch(/FAILED +1 of 3 thresholds, and the run was ended for it/);
});
