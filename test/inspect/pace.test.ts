import { getEventListeners } from "node:events";
import { expect, test } from "vitest";
import { Pace } from "../../src/inspect/pace.js";

const never = new AbortController().signal;

test("two beginnings are never closer than the spacing, however many wait", async () => {
  const pace = new Pace(20);
  const begun: number[] = [];
  await Promise.all(
    [1, 2, 3, 4].map(async () => {
      await pace.turn(never);
      begun.push(performance.now());
    }),
  );
  await pace.turn(never);
  begun.push(performance.now());
  expect(pace.handshakes).toBe(5);
  // Timers may come a fraction of a millisecond early.
  expect(begun.at(-1)! - begun[0]!).toBeGreaterThanOrEqual(4 * 19);
});

test("the first does not wait, nor any without a spacing", async () => {
  const pace = new Pace(60_000);
  await pace.turn(never);
  const free = new Pace(0);
  for (let turn = 0; turn < 50; turn++) await free.turn(never);
  expect([pace.handshakes, free.handshakes]).toEqual([1, 50]);
});

test("who keeps a pace of its own does not wait, and is counted", async () => {
  const pace = new Pace(60_000);
  await pace.turn(never);
  for (let turn = 0; turn < 5; turn++) await pace.turn(never, true);
  expect(pace.handshakes).toBe(6);
});

test("an abort ends the wait, and what did not begin is not counted", async () => {
  const pace = new Pace(60_000);
  const abort = new AbortController();
  await pace.turn(abort.signal);
  const waiting = pace.turn(abort.signal);
  abort.abort();
  await waiting;
  expect(pace.handshakes).toBe(1);
});

test("a server that did not end a connection in time is waited for less", () => {
  const pace = new Pace(0);
  const { patience } = pace;
  pace.left(true);
  expect(pace.patience).toBe(patience);
  pace.left(false);
  expect(pace.patience).toBeLessThan(patience / 5);
});

test("a server that was silent twice is one that hangs", () => {
  const pace = new Pace(0);
  pace.silent();
  expect(pace.isImpatient).toBe(false);
  pace.silent();
  expect(pace.isImpatient).toBe(true);
});

test("those that wait listen to the end one at a time", async () => {
  const pace = new Pace(60_000);
  const abort = new AbortController();
  await pace.turn(abort.signal);
  const waiting = Array.from({ length: 50 }, async () => pace.turn(abort.signal));
  // One more round, so that the first of them has begun to wait.
  await new Promise((resolve) => setImmediate(resolve));
  expect(getEventListeners(abort.signal, "abort")).toHaveLength(1);
  abort.abort();
  await Promise.all(waiting);
  expect(pace.handshakes).toBe(1);
});
