import { describe, expect, test } from "vitest";
import { Random, seedOf } from "../../src/base/random.js";
import { parseSpec } from "../../src/faults/spec.js";
import { Trigger } from "../../src/faults/trigger.js";

/** Which of the opportunities at these times fire, by their number from 1. */
function firings(options: string, times: readonly number[], began = 0, seed = "a"): number[] {
  const { schedule } = parseSpec(`drop${options === "" ? "" : `,${options}`}`);
  const trigger = new Trigger(schedule, { fired: 0 }, began);
  const random = new Random(seedOf(seed));
  return times.flatMap((time, index) => (trigger.fires(time, random) ? [index + 1] : []));
}

/** Times 1 s apart, from 1 s on. */
function seconds(count: number): number[] {
  return Array.from({ length: count }, (_, index) => 1000 * (index + 1));
}

describe("schedules, with an opportunity each second", () => {
  test.each<[string, number, number, number[]]>([
    ["", 3, 0, [1, 2, 3]],
    ["count=2", 5, 0, [1, 2]],
    ["at=3", 6, 0, [3]],
    ["every=3", 10, 0, [3, 6, 9]],
    ["at=2,every=3", 10, 0, [2, 5, 8]],
    ["every=3,count=2", 20, 0, [3, 6]],
    ["at=3s", 6, 0, [3]],
    ["at=3500ms", 6, 0, [4]],
    ["every=3s", 10, 0, [3, 6, 9]],
    ["at=1s,every=4s", 10, 0, [1, 5, 9]],
    ["at=3s,every=2", 8, 0, [3, 5, 7]],
    ["at=3,every=2s", 8, 0, [3, 5, 7]],
    ["p=100%", 3, 0, [1, 2, 3]],
    ["p=0", 3, 0, []],
    ["at=4s,p=1", 6, 0, [4, 5, 6]],
    ["at=4,p=1", 6, 0, [4, 5, 6]],
    ["every=2,p=0", 6, 0, []],
    // The connection came at 2.5 s; its first opportunity here is still at 1 s of the table's
    // time, so only moments that lie beyond 2.5 s can fire.
    ["at=2s", 6, 2500, []],
    ["at=3s", 6, 2500, [3]],
    ["every=2s", 8, 2500, [4, 6, 8]],
    ["at=1s,every=4s", 10, 2500, [5, 9]],
    ["at=1s,p=1", 3, 2500, [1, 2, 3]],
    ["for=2500ms", 5, 0, [1, 2]],
    ["for=2", 5, 0, [1, 2]],
    ["at=3s,for=2s", 8, 0, [3, 4]],
    ["at=3,for=2", 8, 0, [3, 4]],
    ["at=3s,for=2", 8, 0, [3, 4]],
    ["at=3,for=2s", 8, 0, [3, 4]],
    ["every=4s,for=2s", 10, 0, [4, 5, 8, 9]],
    ["at=1s,every=4s,for=2s", 10, 0, [1, 2, 5, 6, 9, 10]],
    ["every=2s,for=5s", 6, 0, [2, 3, 4, 5, 6]],
    ["at=2s,for=4s,count=3", 9, 0, [2, 3, 4]],
    ["at=2s,for=4s,p=0", 9, 0, []],
    // Began within a window, and behind it.
    ["at=1s,for=4s", 6, 2500, [1, 2, 3, 4]],
    ["at=1s,for=1s", 6, 2500, []],
    ["at=1s,every=10s,for=2s", 13, 2500, [1, 2, 11, 12]],
  ])("%s over %d s, begun at %d", (options, count, began, expected) => {
    expect(firings(options, seconds(count), began)).toEqual(expected);
  });

  test("what was missed while nothing happened is not made up for", () => {
    expect(firings("every=1s", [500, 10_500, 10_600, 11_000, 11_100])).toEqual([2, 4]);
  });

  test("a window that passed while nothing happened is not made up for, the one that is open counts", () => {
    expect(firings("at=1s,for=1s", [500, 3000])).toEqual([]);
    expect(firings("every=10s,for=1s", [500, 25_000, 30_500, 30_999, 31_000])).toEqual([3, 4]);
  });

  test("a window opens by the clock only once", () => {
    const { schedule } = parseSpec("drop,at=1s,for=5s");
    const trigger = new Trigger(schedule, { fired: 0 });
    expect(trigger.due).toBe(1000);
    expect(trigger.fires(1000, new Random(seedOf(1)))).toBe(true);
    expect(trigger.due).toBeUndefined();
  });

  test("two triggers share what count allows", () => {
    const { schedule } = parseSpec("drop,count=3");
    const tally = { fired: 0 };
    const triggers = [new Trigger(schedule, tally), new Trigger(schedule, tally)];
    const random = new Random(seedOf(1));
    const fired = [0, 1, 0, 1].map((which) => triggers[which]!.fires(0, random));
    expect(fired).toEqual([true, true, true, false]);
    expect(tally.fired).toBe(3);
  });

  test("one that cannot act waits for the next opportunity", () => {
    const { schedule } = parseSpec("drop,at=2");
    const trigger = new Trigger(schedule, { fired: 0 });
    const random = new Random(seedOf(1));
    const able = [true, false, false, true, true];
    expect(able.map((each) => trigger.fires(0, random, each))).toEqual([
      false,
      false,
      false,
      true,
      false,
    ]);
  });

  test("due names the next moment, and none once it is spent", () => {
    const random = new Random(seedOf(1));
    const trigger = new Trigger(parseSpec("stall,at=5s,every=10s,count=2").schedule, { fired: 0 });
    expect(trigger.due).toBe(5000);
    trigger.fires(5000, random);
    expect(trigger.due).toBe(15_000);
    trigger.fires(15_300, random);
    expect(trigger.due).toBeUndefined();
    expect(new Trigger(parseSpec("drop,at=5").schedule, { fired: 0 }).due).toBeUndefined();
    expect(new Trigger({}, { fired: 0 }).due).toBeUndefined();
  });
});

describe("probability", () => {
  const times = Array.from({ length: 100_000 }, () => 0);

  test("1% of 10^5, within five deviations", () => {
    const fired = firings("p=1%", times).length;
    expect(Math.abs(fired - 1000)).toBeLessThan(5 * Math.sqrt(100_000 * 0.01 * 0.99));
  });

  test("the same seed decides the same, another one not", () => {
    expect(firings("p=0.01", times, 0, "b")).toEqual(firings("p=1%", times, 0, "b"));
    expect(firings("p=1%", times, 0, "b")).not.toEqual(firings("p=1%", times, 0, "c"));
  });

  test("a schedule only picks from the same decisions", () => {
    const all = new Set(firings("p=10%", times));
    const scheduled = firings("at=1000,p=10%", times);
    expect(scheduled).toEqual([...all].filter((each) => each >= 1000));
    expect(firings("every=10,p=10%", times)).toEqual([...all].filter((each) => each % 10 === 0));
  });
});
