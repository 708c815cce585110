/** Plays the first scenario of the manual, and what `scenario init` writes, against the server they are for. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, expect, test } from "vitest";
import { total } from "../e2e/load-run.js";
import { runWsctl } from "../support/wsctl.js";
import { expectPassed, patient, play } from "./scenario-run.js";

const folder = mkdtempSync(path.join(tmpdir(), "wsctl-manual-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("the first scenario of the manual passes: up, a while, and down again", patient, async () => {
  const manual = readFileSync(new URL("../../docs/scenario.md", import.meta.url), "utf8");
  const [, text = ""] = /^```yaml\n([^]*?)^```$/m.exec(manual) ?? [];
  // Everything of its stages is a hundredth, or a tenth; steps and conditions are as they are.
  const sooner = { "30s": "1s", "5m": "2s", "10s": "1s" } as const;
  let stages = 0;
  const small = text
    .replace(/duration: (30s|5m|10s), connections: (\d+)/g, (_all, time: string, users: string) => {
      stages++;
      return `duration: ${sooner[time as keyof typeof sooner]}, connections: ${Number(users) / 10}`;
    })
    .replace("p(99)<200ms", "p(99)<5s");
  expect(stages).toBe(3);
  const file = path.join(folder, "manual.yaml");
  writeFileSync(file, small);
  const run = await play(["chat"], file);
  expectPassed(run);
  expect(total(run.result, "ws_msg_stamped")).toBeGreaterThan(4);
});

test("what init writes for rooms holds for longer than was said", patient, async () => {
  const file = path.join(folder, "init.yaml");
  const flags = ["--traffic", "broadcast", "--shape", "constant", "--duration", "1s"];
  const gates = ["--gate", "checks: rate==100%", "--gate", "ws_msg_lost: count==0"];
  const made = await runWsctl(["scenario", "init", file, "--yes", ...flags, ...gates]);
  expect(made.code, made.stderr).toBe(0);
  expectPassed(await play(["chat"], file, ["-c", "5", "-d", "3s"]));
});

test("a drawn port of the metrics page is told, however quiet the run is", patient, async () => {
  const quiet = ["-q", "-c", "1", "-d", "1s", "--serve"];
  const drawn = await runWsctl(["load", ...quiet, "-o", "prometheus=:0"]);
  expect([drawn.code, drawn.stderr]).toEqual([
    0,
    expect.stringMatching(/^metrics: http:\/\/127\.0\.0\.1:\d+\/metrics$/m),
  ]);
});
