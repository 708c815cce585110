/** Shows that what is done to many holds up the event loop for a millisecond at a time, no more. */
import { afterEach, expect, test, vi } from "vitest";
import { inTurns } from "../../src/load/in-turns.js";

afterEach(() => {
  vi.restoreAllMocks();
});

test("as many in a turn as a millisecond has room for, in order", async () => {
  let now = 0;
  vi.spyOn(performance, "now").mockImplementation(() => now);
  let turn = 0;
  const onTurn = (): void => {
    turn++;
    next = setImmediate(onTurn);
  };
  let next = setImmediate(onTurn);
  const done: number[] = [];
  const byTurn = new Map<number, number>();
  await inTurns(Array(20).keys(), (one) => {
    done.push(one);
    byTurn.set(turn, (byTurn.get(turn) ?? 0) + 1);
    now += 0.3;
  });
  clearImmediate(next);
  expect(done).toEqual([...Array(20).keys()]);
  expect([...byTurn.values()]).toEqual([4, 4, 4, 4, 4]);
});

test("what costs nothing is done at once", async () => {
  vi.spyOn(performance, "now").mockReturnValue(0);
  const done: number[] = [];
  const all = inTurns([1, 2, 3], (one) => done.push(one));
  expect(done).toEqual([1, 2, 3]);
  await all;
});
