/** Shows that users of all workers meet at a barrier, and that nobody waits for who cannot come. */
import { describe, expect, test } from "vitest";
import { Barriers } from "../../src/cluster/barriers.js";

function barriers(workers: number) {
  const released: string[] = [];
  const all = Array.from({ length: workers }, (_, i) => i);
  const meet = new Barriers(all, (barrier, round) => released.push(`${barrier} ${round}`));
  return { meet, released };
}

describe("a barrier", () => {
  test("is released once, when all workers are complete", () => {
    const { meet, released } = barriers(3);
    meet.complete(0, "all", 0, 5);
    meet.complete(2, "all", 0, 5);
    meet.complete(2, "all", 0, 6);
    expect(released).toEqual([]);
    meet.complete(1, "all", 0, 1);
    expect(released).toEqual(["all 0"]);
  });

  test("tells rounds and names apart", () => {
    const { meet, released } = barriers(2);
    meet.complete(0, "a", 0, 1);
    meet.complete(1, "b", 0, 1);
    meet.complete(0, "a", 1, 1);
    meet.complete(1, "a", 1, 1);
    meet.complete(1, "a", 0, 1);
    expect(released).toEqual(["a 1", "a 0"]);
  });

  test("where nobody waits is not released: the next round would be complete at once", () => {
    const { meet, released } = barriers(2);
    meet.complete(0, "a", 0, 0);
    meet.complete(1, "a", 0, 0);
    expect(released).toEqual([]);
    meet.complete(1, "a", 0, 2);
    expect(released).toEqual(["a 0"]);
  });

  test("does not wait for a worker that is gone, whether it had come or not", () => {
    const { meet, released } = barriers(3);
    meet.complete(0, "a", 0, 1);
    meet.complete(1, "a", 0, 1);
    meet.leave(2);
    expect(released).toEqual(["a 0"]);
    meet.complete(0, "a", 1, 1);
    meet.leave(0);
    expect(released).toEqual(["a 0"]);
    meet.complete(1, "a", 1, 1);
    expect(released).toEqual(["a 0", "a 1"]);
  });
});
