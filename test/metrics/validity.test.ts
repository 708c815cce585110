/** Shows each rule that makes a run INVALID, alone, and the neighbouring value that passes. */
import { describe, expect, test } from "vitest";
import { lagLimit, lagPercent } from "../../src/metrics/lag.js";
import { judge, type GeneratorFacts } from "../../src/metrics/validity.js";

/** A run on which nothing is wrong. */
const good: GeneratorFacts = {
  model: "rate",
  rttP99: 5,
  latencyGate: undefined,
  scheduled: 100_000,
  scheduleLag: 1,
  loopDelayP99: 1,
  cpu: 0.5,
  due: 100_000,
  unsent: 0,
  sent: 100_000,
  connections: 10,
  failedFds: 0,
  failedPorts: 0,
  pairingLost: 0,
  cutOff: 0,
  targetLost: false,
  nothingOpened: false,
  nothingMeasured: false,
  lostWorkers: [],
  notConserved: [],
  snapshotsDiffer: [],
};

const codesOf = (facts: Partial<GeneratorFacts>): string[] =>
  judge({ ...good, ...facts }).reasons.map(({ code }) => code);

test("a good run is valid", () => {
  expect(judge(good)).toEqual({ ok: true, reasons: [] });
});

test.each([
  [0, 2],
  [20, 2],
  [20.1, 2.01],
  [50, 5],
  [99.9, 9.99],
  [100, 10],
  [100_000, 10],
])("with a p99 of %d ms the generator may lag %d ms", (p99, limit) => {
  expect(lagLimit(p99)).toBeCloseTo(limit, 9);
});

test.each([
  [1, 20, 2],
  [1, 35, 3.5],
  [80, 35, 8],
  [1, 200, 10],
])("with a p99 of %d ms and a gate of %d ms it may lag %d ms", (p99, gate, limit) => {
  expect(lagLimit(p99, gate)).toBeCloseTo(limit, 9);
});

test("one late message of few is put down to chance, and one in a hundred of many is not", () => {
  // The latest of fifty would be their p99.
  expect(lagPercent(50)).toBeLessThan(98);
  expect(lagPercent(1)).toBeLessThan(90);
  expect(lagPercent(0)).toBe(99);
  expect(lagPercent(1_000_000)).toBeGreaterThan(98.9);
  expect(lagPercent(1_000_000)).toBeLessThan(99);
});

describe("a run at a given rate", () => {
  test.each<[string, Partial<GeneratorFacts>, Partial<GeneratorFacts>]>([
    ["schedule-lag", { scheduleLag: 2 }, { scheduleLag: 2.001 }],
    ["schedule-lag", { rttP99: 50, scheduleLag: 5 }, { rttP99: 50, scheduleLag: 5.01 }],
    ["schedule-lag", { rttP99: 900, scheduleLag: 10 }, { rttP99: 900, scheduleLag: 10.1 }],
    ["schedule-lag", { latencyGate: 60, scheduleLag: 6 }, { latencyGate: 60, scheduleLag: 6.1 }],
    ["loop-delay", { loopDelayP99: 2 }, { loopDelayP99: 2.001 }],
    ["loop-delay", { latencyGate: 60, loopDelayP99: 6 }, { latencyGate: 60, loopDelayP99: 6.1 }],
    ["loop-delay", { rttP99: 900, loopDelayP99: 10 }, { rttP99: 900, loopDelayP99: 10.1 }],
    ["cpu-saturated", { cpu: 0.95 }, { cpu: 0.951 }],
    ["load-lost", { unsent: 502 }, { unsent: 503 }],
    ["rate-missed", { sent: 99_500 }, { sent: 99_499 }],
    ["rate-missed", { sent: 100_500 }, { sent: 100_501 }],
    // One message per connection may be missing where that is more than 0.5 %.
    ["rate-missed", { due: 100, sent: 90 }, { due: 100, sent: 89 }],
    ["rate-missed", { due: 10, sent: 0 }, { due: 11, sent: 0 }],
    ["rate-missed", { due: 0, sent: 0 }, { due: 100, sent: 0 }],
  ])("%s: %j passes, %j does not", (code, passes, fails) => {
    expect(codesOf(passes)).toEqual([]);
    expect(codesOf(fails)).toEqual([code]);
  });
});

describe("the rules of pacing hold for given rates only", () => {
  const paced = { scheduleLag: 99, loopDelayP99: 99, cpu: 1, due: 100, sent: 1 };
  test.each(["closed", "idle"] as const)("%s", (model) => {
    expect(codesOf({ ...paced, model })).toEqual([]);
  });
  test("rate", () => {
    expect(codesOf({ ...paced, model: "rate" })).toHaveLength(4);
  });
});

describe.each(["closed", "rate", "idle"] as const)("any run (%s)", (model) => {
  test.each<[string, Partial<GeneratorFacts>]>([
    ["worker-lost", { lostWorkers: ["worker 1 of 2 was lost (SIGKILL)"] }],
    ["target-lost", { targetLost: true }],
    ["nothing-opened", { nothingOpened: true }],
    ["pairing-lost", { pairingLost: 1 }],
    ["nothing-measured", { nothingMeasured: true }],
    ["sends-cut-off", { cutOff: 1 }],
    ["fds-exhausted", { failedFds: 1 }],
    ["ports-exhausted", { failedPorts: 1 }],
    ["not-conserved", { notConserved: ["1 of 10 expected replies are unaccounted for"] }],
    ["snapshots-differ", { snapshotsDiffer: ["ws_msgs_sent: snapshots say 1, the workers 2"] }],
  ])("%s", (code, facts) => {
    const { ok, reasons } = judge({ ...good, model, ...facts });
    expect(ok).toBe(false);
    expect(reasons.map((reason) => reason.code)).toEqual([code]);
    expect(reasons[0]!.detail.length).toBeGreaterThan(10);
    expect(reasons[0]!.remedy.length).toBeGreaterThan(10);
  });
});

test("on how many connections pairing was lost is told", () => {
  const [reason] = judge({ ...good, pairingLost: 1234 }).reasons;
  expect(reason!.detail).toContain("1 234");
  expect(reason!.remedy).toContain("--correlate none");
});

test.each(["id", "stamp"] as const)(
  "what lost the pairing by %s, and how to keep it",
  (pairedBy) => {
    const [reason] = judge({ ...good, pairingLost: 2, pairedBy }).reasons;
    expect(reason!.code).toBe("pairing-lost");
    expect(reason!.detail).toContain("used again");
    expect(reason!.remedy).toContain("$uuid");
  },
);

test("every reason is told, not only the first", () => {
  const codes = codesOf({ cpu: 1, targetLost: true, failedFds: 3 });
  expect(codes).toEqual(["cpu-saturated", "target-lost", "fds-exhausted"]);
});

test("details carry the figures", () => {
  const { reasons } = judge({ ...good, cpu: 0.993, sent: 50_000, scheduleLag: 120 });
  const text = reasons.map(({ detail }) => detail).join("\n");
  for (const figure of ["99 %", "50 %", "120 ms", "2.00 ms"]) expect(text).toContain(figure);
});
