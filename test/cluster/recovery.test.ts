/** Shows that what workers know of lost connections becomes one Recovery, exactly, whoever had which. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { recoveryOf } from "../../src/cluster/recovery.js";
import { Accumulator } from "../../src/metrics/accumulator.js";
import {
  causes,
  encodeLosses,
  eventCause,
  fates,
  newLoss,
  type LossRecord,
  type RecoveryPart,
} from "../../src/metrics/recovery-part.js";
import type { Recovery } from "../../src/metrics/recovery.js";
import { parseRunResult } from "../../src/metrics/saved-run.js";
import type { FlowPlan } from "../../src/scenario/flow-plan.js";
import { flowPlan } from "../load/flow/stage.js";

function part(losses: readonly LossRecord[], more: Partial<RecoveryPart> = {}): RecoveryPart {
  return {
    losses: encodeLosses(losses),
    nodes: [],
    ends: ["1006 fin by server"],
    unfollowed: 0,
    dials: losses.flatMap(({ first }) => [Math.floor(first / 100), 1]),
    open: [0, 20],
    userTime: 10_000,
    awayTime: losses.reduce((sum, { at, until }) => sum + until - at, 0),
    hasLedger: false,
    ...more,
  };
}

function merge(
  parts: readonly RecoveryPart[],
  plan: Partial<FlowPlan> = {},
): { recovery: Recovery | undefined; peaks: Readonly<Record<string, number>> } {
  const merged = new Accumulator();
  const flow = (recovery: RecoveryPart) => ({
    users: { begun: 0, completed: 0, lost: 0, dropped: 0 },
    expectations: [],
    recovery,
  });
  const recovery = recoveryOf(
    flowPlan({ url: "ws://127.0.0.1:1/", plan }),
    parts.map((one) => ({ flowedFor: 10_000, flow: flow(one) })),
    merged,
  );
  return { recovery, peaks: merged.peaks() };
}

function back(at: number, over: number, more: Partial<LossRecord> = {}): LossRecord {
  const known = { over, until: over, first: over - 1, attempts: 1, fate: fates.back };
  return { ...newLoss(at, causes.other, 1, 0), ...known, ...more };
}

test("any split over workers comes to the same", () => {
  const loss = fc
    .tuple(fc.integer({ min: 200, max: 9000 }), fc.integer({ min: 2, max: 900 }), fc.nat(2))
    .map(([at, took, event]) =>
      back(at, at + took, { cause: event === 2 ? causes.other : eventCause(event, 0) }),
    );
  const events = [
    { at: 100, drop: 0.5, how: "reset" },
    { at: 150, drop: 0.5, how: "fin", over: 1000 },
  ] as const;
  fc.assert(
    fc.property(fc.array(loss, { maxLength: 30 }), fc.array(fc.nat(2)), (losses, owners) => {
      const whole = merge([part(losses, { open: [0, 60], userTime: 30_000 })], { events });
      const shares = [0, 1, 2].map((owner) =>
        part(losses.filter((_, i) => (owners[i] ?? 0) === owner)),
      );
      expect(merge(shares, { events })).toEqual(whole);
    }),
    { numRuns: 60 },
  );
});

describe("names of several workers", () => {
  test("are one list", () => {
    const first = part([back(1000, 1100, { from: 1, to: 2 })], { nodes: ["a", "b"] });
    const second = part([back(1000, 1300, { from: 2, to: 1 })], { nodes: ["b", "a"] });
    const { recovery } = merge([first, second]);
    expect(recovery!.moves).toEqual([
      { from: "a", to: "b", connections: 2, away: { p50: 100, max: 300 }, missed: undefined },
    ]);
  });

  test("of ends as well", () => {
    const first = part([back(1000, 1100), back(1001, 1100)], { ends: ["x", "y"] });
    const second = part([back(1002, 1100, { end: 2 })], { ends: ["y", "x"] });
    const { recovery } = merge([first, second]);
    expect(recovery!.episodes[0]!.cause).toEqual({
      kind: "losses",
      ends: [{ what: "x", count: 3 }],
    });
  });
});

describe("metrics", () => {
  test("are of the slowest episode; none as soon as one never came so far", () => {
    const events = [
      { at: 1000, drop: 1, how: "reset" },
      { at: 5000, drop: 1, how: "reset" },
    ] as const;
    const cut = (event: number) => ({ cause: eventCause(event, 0) });
    const quick = [back(1000, 1100, cut(0)), back(1000, 1200, cut(0))];
    const slow = [back(5000, 5100, cut(1)), back(5000, 5900, cut(1))];
    expect(merge([part([...quick, ...slow])], { events }).peaks).toMatchObject({
      ws_recovery_50: 100,
      ws_recovery_95: 900,
      ws_recovery_100: 900,
      ws_reconnect_peak: 2,
      ws_availability: 1 - 1300 / 10_000,
    });
    const never = { ...back(5000, 10_000, cut(1)), fate: fates.away };
    const { peaks } = merge([part([...quick, slow[0]!, never])], { events });
    expect(peaks).toHaveProperty("ws_recovery_50");
    expect(peaks).not.toHaveProperty("ws_recovery_95");
    expect(peaks).not.toHaveProperty("ws_recovery_100");
  });
});

test("the slowest episode is told beside the first ones, and nobody's is none", () => {
  const events = [{ at: 100, every: 100, drop: 0.1, how: "reset" }] as const;
  const losses = Array.from({ length: 80 }, (_, round) =>
    back(100 + round * 100, (round === 70 ? 900 : 150) + round * 100, {
      cause: eventCause(0, round),
    }),
  );
  const { recovery } = merge([part(losses)], { events });
  expect(recovery!.episodes).toHaveLength(51);
  expect(recovery!.furtherEpisodes).toBe(48);
  expect(recovery!.episodes.at(-1)).toMatchObject({ cause: { round: 71 }, to100: 800 });
});

test("a peak of none is a figure", () => {
  expect(merge([part([])]).peaks).toMatchObject({ ws_reconnect_peak: 0, ws_availability: 1 });
});

test("episodes, their curves and their moves are bounded, and a result holds them", () => {
  const events = [{ at: 100, every: 100, drop: 0.1, how: "reset" }] as const;
  const losses = Array.from({ length: 90 }, (_, round) =>
    back(100 + round * 100, 150 + round * 100, { cause: eventCause(0, round) }),
  );
  const { recovery } = merge([part(losses, { unfollowed: 7 })], { events });
  expect(recovery).toMatchObject({ cut: 90, unfollowed: 7, furtherEpisodes: 49 });
  expect(recovery!.episodes).toHaveLength(50);
  expect(recovery!.episodes[3]!.curve).toHaveLength(120);
  expect(recovery!.episodes[3]).toMatchObject({ at: 400, cut: 1, to100: 50, cause: { round: 4 } });
  // As it is read from a file.
  const number = 0;
  const throughput = { sent: 0, received: 0, bytesSent: 0, bytesReceived: 0 };
  const result = {
    $schema: "wsctl.run/1",
    run: {
      id: "r",
      startedAt: "2026-11-21T12:00:00.000Z",
      took: 1,
      trafficFor: 1,
      inTraffic: throughput,
      workers: 1,
      model: "idle",
      loopback: true,
    },
    plan: {},
    env: { wsctl: "0", node: "20", os: "linux", cpu: "x", cores: 1 },
    totals: {},
    trends: {},
    series: [],
    conservation: {
      expected: number,
      answered: number,
      disconnected: number,
      timedOut: number,
      inFlight: number,
      late: number,
      difference: number,
      connectionsOff: number,
    },
    validity: { ok: true, reasons: [] },
    errors: [],
    recovery,
    interrupted: false,
  };
  const stored = parseRunResult(JSON.stringify(result), "run.json").recovery;
  expect(JSON.parse(JSON.stringify(stored))).toEqual(JSON.parse(JSON.stringify(recovery)));
});
