/** Shows whom events hit, and when. */
import { describe, expect, test } from "vitest";
import { Events } from "../../../src/load/flow/events.js";
import type { User } from "../../../src/load/flow/user.js";
import type { World } from "../../../src/load/flow/world.js";
import { eventCause } from "../../../src/metrics/recovery-part.js";
import type { PlanEvent } from "../../../src/scenario/flow-plan.js";
import { ShareOut } from "../../../src/scenario/share-out.js";

/** Users who take note of what is done to them, and events among them. */
function stage(count: number, events: readonly PlanEvent[]) {
  const cuts: { at: number; index: number; how: string; cause: number }[] = [];
  let elapsed = 0;
  const offline = new Set<number>();
  const users = Array.from({ length: count }, (_, index) => ({
    index,
    get isOnline() {
      return !offline.has(index);
    },
    tether: {
      drop: (how: string, _now: number, cause: number) =>
        cuts.push({ at: elapsed, index, how, cause }),
    },
  })) as unknown as User[];
  const world = {
    flow: { events },
    eventShare: (n: number, round: number) =>
      new ShareOut([events[n]!.drop, 1 - events[n]!.drop], 16 + n + round * events.length),
  } as unknown as World;
  const played = new Events(world, { each: (visit) => users.forEach(visit) });
  const until = (end: number, step = 1): void => {
    for (; elapsed <= end; elapsed += step) played.strike(elapsed, elapsed);
  };
  return { played, cuts, until, offline };
}

const event = (at: number, drop: number, more: Partial<PlanEvent> = {}): PlanEvent => ({
  at,
  drop,
  how: "reset",
  ...more,
});

test("without events nothing is ever due", () => {
  expect(stage(3, []).played.next).toBe(Infinity);
});

test("one that comes once is over then", () => {
  const { played, cuts, until } = stage(100, [event(50, 0.3, { how: "fin" })]);
  expect(played.next).toBe(50);
  until(200);
  expect(cuts).toHaveLength(30);
  expect(new Set(cuts.map(({ at, how, cause }) => `${at} ${how} ${cause}`)).size).toBe(1);
  expect(cuts[0]).toMatchObject({ at: 50, how: "fin", cause: eventCause(0, 0) });
  expect(played.next).toBe(Infinity);
});

describe("one that comes again", () => {
  test("comes so often, and hits others", () => {
    const { cuts, until } = stage(100, [event(10, 0.1, { every: 100, times: 3 })]);
    until(1000);
    expect([...new Set(cuts.map(({ at }) => at))]).toEqual([10, 110, 210]);
    const rounds = [0, 1, 2].map((round) =>
      cuts.filter(({ cause }) => cause === eventCause(0, round)).map(({ index }) => index),
    );
    expect(rounds.map(({ length }) => length)).toEqual([10, 10, 10]);
    expect(new Set(rounds.map(String)).size).toBeGreaterThan(1);
  });

  test("makes up for rounds that were missed", () => {
    const { cuts, until } = stage(10, [event(0, 1, { every: 100 })]);
    until(1000, 500);
    expect(cuts).toHaveLength(10 * 11);
  });
});

describe("one that rolls", () => {
  test("cuts one by one, evenly, those who were there at its beginning", () => {
    const { cuts, until, offline, played } = stage(100, [event(100, 0.5, { over: 1000 })]);
    offline.add(0).add(1);
    until(150);
    offline.clear();
    until(5000);
    expect(cuts.length).toBeGreaterThanOrEqual(48);
    expect(cuts.length).toBeLessThanOrEqual(50);
    expect(cuts.some(({ index }) => index < 2)).toBe(false);
    const gaps = cuts.slice(1).map(({ at }, i) => at - cuts[i]!.at);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(19);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(22);
    expect(cuts.at(-1)!.at).toBeLessThan(1100);
    expect(played.next).toBe(Infinity);
  });

  test("again and again, one after the other", () => {
    const { cuts, until } = stage(10, [event(0, 1, { every: 200, times: 2, over: 200 })]);
    until(1000);
    expect(cuts.map(({ at }) => at)).toEqual(Array.from({ length: 20 }, (_, i) => i * 20));
    expect(cuts.map(({ cause }) => cause)).toEqual(
      Array.from({ length: 20 }, (_, i) => eventCause(0, i < 10 ? 0 : 1)),
    );
  });
});
