/** Shows which of the things that a run may come to goes first. */
import { expect, test } from "vitest";
import type { RunResult } from "../../src/metrics/run-result.js";
import { verdictOf } from "../../src/report/verdict.js";
import { resultWith } from "./results.js";

type Code = RunResult["validity"]["reasons"][number]["code"];

const broken = {
  metric: "ws_close{code:1011}",
  expression: "count==0",
  ok: false,
  actual: 1,
  aborted: false,
} as RunResult["thresholds"][number];

function kindOf(codes: readonly Code[], thresholds: RunResult["thresholds"], interrupted = false) {
  const reasons = codes.map((code) => ({ code, detail: "", remedy: "" }));
  const validity = { ok: codes.length === 0, reasons };
  return verdictOf(resultWith({ validity, thresholds, interrupted })).kind;
}

test.each<[string, readonly Code[], RunResult["thresholds"]]>([
  ["passed", [], []],
  ["failed", [], [broken]],
  ["invalid", ["schedule-lag"], [broken]],
  ["invalid", ["load-lost"], []],
  ["invalid", ["load-lost"], [{ ...broken, ok: true }]],
  // The target did what the gate was set for.
  ["failed", ["load-lost"], [broken]],
  ["failed", ["target-lost", "load-lost"], [broken]],
  ["invalid", ["target-lost", "cpu-saturated"], [broken]],
])("a run is %s with the reasons %j and these thresholds", (kind, codes, thresholds) => {
  expect(kindOf(codes, thresholds)).toBe(kind);
  expect(kindOf(codes, thresholds, true)).toBe("interrupted");
});
