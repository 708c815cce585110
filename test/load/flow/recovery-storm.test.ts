/** Shows what a policy of reconnecting makes of a crowd that is cut at once. */
import { describe, expect, test } from "vitest";
import { Backoff, type Jitter } from "../../../src/base/backoff.js";
import { Random, seedOf } from "../../../src/base/random.js";
import { crowdOf } from "../../../src/metrics/recovery-crowd.js";
import { startNode, terminate } from "./recovery-stage.js";

describe("first attempts of 600", () => {
  const crowd = (jitter: Jitter): number => {
    const backoff = new Backoff({ base: 500, jitter });
    const moments = Array.from({ length: 600 }, (_, user) =>
      backoff.delay(1, new Random(seedOf(7, "luck", user)).float())!,
    );
    return crowdOf(moments).share;
  };

  test("come at one moment without jitter, and spread with it", () => {
    expect(crowd("none")).toBe(1);
    expect(crowd("equal")).toBeLessThan(0.5);
    expect(crowd("full")).toBeLessThan(0.3);
  });
});

test("a crowd that is cut comes back as its policy says", { retry: 2 }, async () => {
  await using node = await startNode("a");
  const heard: number[] = [];
  node.wss.on("headers", () => heard.push(performance.now()));
  node.when(120, (sockets) => terminate(sockets.slice(0, 90)));
  const { recovery, peaks } = await node.playUntil(210, {
    users: 120,
    // Were those who come back held back by it, they would take half a second.
    connectRate: 180,
    plan: { reconnect: { kind: "exponential", base: 500, jitter: "none" } },
  });
  const [episode, ...others] = recovery!.episodes;
  expect(others).toEqual([]);
  expect(episode).toMatchObject({
    cause: { kind: "losses", ends: [{ what: "1006 fin by server", count: 90 }] },
    openBefore: 120,
    fewest: 30,
    cut: 90,
    back: 90,
    lostForGood: 0,
    ended: 0,
    attempts: 90,
    peakPerSecond: 90,
    missed: undefined,
    resubscribed: undefined,
    moves: [{ from: "a", to: "a", connections: 90, missed: undefined }],
  });
  expect(episode!.firstRetries.count).toBe(90);
  expect(episode!.firstRetries.crowded).toBeGreaterThanOrEqual(0.9);
  // What was due is the policy's figure; what was dialled, the server knows. 90 % of it came at once, as
  // far as that can be said of a machine that does other things as well.
  const redials = heard.slice(120).toSorted((a, b) => a - b);
  expect(redials).toHaveLength(90);
  const window = Math.min(...redials.slice(80).map((last, i) => last - redials[i]!));
  expect(window).toBeLessThan(300);
  expect(episode!.firstRetries.heldUp).toBeLessThan(300);
  expect(episode!.firstRetries.begun).toBeGreaterThan(0.3);
  expect(episode!.times.count).toBe(90);
  expect(episode!.times.min).toBeGreaterThanOrEqual(499);
  expect(episode!.to50!).toBeGreaterThanOrEqual(499);
  expect(episode!.to95!).toBeGreaterThanOrEqual(episode!.to50!);
  expect(episode!.to100).toBe(episode!.took);
  expect(peaks).toMatchObject({
    ws_reconnect_peak: 90,
    ws_recovery_50: episode!.to50,
    ws_recovery_95: episode!.to95,
    ws_recovery_100: episode!.to100,
    ws_availability: recovery!.availability,
  });
  // Three quarters were away for most of the time that it took.
  expect(episode!.availability).toBeGreaterThan(0.2);
  expect(episode!.availability).toBeLessThan(0.7);
  expect(recovery!.availability).toBeGreaterThan(episode!.availability!);
  expect(recovery!.policy).toEqual({
    kind: "exponential",
    base: 500,
    max: 30_000,
    jitter: "none",
    attempts: undefined,
    resetAfter: 10_000,
    hints: "honour",
  });
  const opens = episode!.curve.map(({ open }) => open);
  expect(opens).toHaveLength(120);
  expect([opens[0], Math.min(...opens), opens.at(-1)]).toEqual([120, 30, 120]);
});
