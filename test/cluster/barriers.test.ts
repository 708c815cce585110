/** Shows that users of all workers meet at a barrier, and that nobody waits for who cannot come. */
import { describe, expect, test } from "vitest";
import { Barriers } from "../../src/cluster/barriers.js";

/** Workers that answer at once how they stand. */
function barriers(workers: number) {
  const released: string[] = [];
  const asked: number[] = [];
  const standing = new Map<string, number>();
  const gone = new Set<number>();
  const all = Array.from({ length: workers }, (_, i) => i);
  /** What happens between a question and its answers. */
  let meanwhile = (): void => {};
  const hear = (worker: number, barrier: string, round: number, ask: number | undefined): void => {
    const waiting = standing.get(`${worker} ${barrier} ${round}`) ?? -1;
    const state = waiting < 0 ? "incomplete" : "complete";
    meet.hear(worker, { barrier, round, state, waiting: Math.max(0, waiting), ask });
  };
  const questions: (() => void)[] = [];
  const meet: Barriers = new Barriers(all, (message) => {
    const { barrier, round } = message;
    if (message.type === "release") {
      released.push(`${barrier} ${round}`);
      return;
    }
    asked.push(message.ask);
    for (const worker of all) {
      questions.push(() => {
        if (!gone.has(worker)) hear(worker, barrier, round, message.ask);
      });
    }
  });
  const settle = (): void => {
    meanwhile();
    meanwhile = () => {};
    for (let next = questions.shift(); next; next = questions.shift()) next();
  };
  const say = (worker: number, barrier: string, round: number, waiting: number): void => {
    standing.set(`${worker} ${barrier} ${round}`, waiting);
    hear(worker, barrier, round, undefined);
  };
  return {
    released,
    asked,
    /** So many wait and nobody else can come; −1: somebody can. */
    set: (worker: number, barrier: string, round: number, waiting: number): void => {
      say(worker, barrier, round, waiting);
      settle();
    },
    /** The same between a question and its answers. */
    setMeanwhile: (worker: number, barrier: string, round: number, waiting: number): void => {
      meanwhile = () => say(worker, barrier, round, waiting);
    },
    /** It changes, and the worker has not said so yet. */
    setUntold: (worker: number, barrier: string, round: number, waiting: number): void => {
      standing.set(`${worker} ${barrier} ${round}`, waiting);
    },
    leave: (worker: number): void => {
      gone.add(worker);
      meet.leave(worker);
      settle();
    },
  };
}

describe("a barrier", () => {
  test("is released once, when all workers are complete", () => {
    const { set, released } = barriers(3);
    set(0, "all", 0, 5);
    set(2, "all", 0, 5);
    set(2, "all", 0, 6);
    expect(released).toEqual([]);
    set(1, "all", 0, 1);
    expect(released).toEqual(["all 0"]);
    // Said before the release was heard of.
    set(1, "all", 0, 1);
    expect(released).toEqual(["all 0"]);
  });

  test("tells rounds and names apart", () => {
    const { set, released } = barriers(2);
    set(0, "a", 0, 1);
    set(1, "b", 0, 1);
    expect(released).toEqual([]);
    set(1, "a", 0, 1);
    set(0, "a", 1, 1);
    set(0, "b", 0, 1);
    set(1, "a", 1, 1);
    expect(released).toEqual(["a 0", "b 0", "a 1"]);
  });

  test("is not released on what was true once: a worker to whom others come is waited for", () => {
    const { set, released } = barriers(2);
    set(0, "a", 0, 1);
    set(0, "a", 0, -1);
    set(1, "a", 0, 1);
    expect(released).toEqual([]);
    set(0, "a", 0, 2);
    expect(released).toEqual(["a 0"]);
  });

  test("is not released when a worker, being asked, says that others can come by now", () => {
    const { set, setUntold, released, asked } = barriers(2);
    set(0, "a", 0, 1);
    setUntold(0, "a", 0, -1);
    set(1, "a", 0, 1);
    expect([released, asked]).toEqual([[], [1]]);
    set(0, "a", 0, 2);
    expect([released, asked]).toEqual([["a 0"], [1, 2]]);
  });

  test("asks again when something has changed before the answers", () => {
    const { set, setMeanwhile, released, asked } = barriers(2);
    set(0, "a", 0, 1);
    setMeanwhile(0, "a", 0, 2);
    set(1, "a", 0, 1);
    expect([released, asked]).toEqual([["a 0"], [1, 2]]);
  });

  test("where nobody waits is not released: the next round would be complete at once", () => {
    const { set, released } = barriers(2);
    set(0, "a", 0, 0);
    set(1, "a", 0, 0);
    expect(released).toEqual([]);
    set(1, "a", 0, 2);
    expect(released).toEqual(["a 0"]);
  });

  test("does not wait for a worker that is gone, whether it had come or not", () => {
    const { set, leave, released } = barriers(3);
    set(0, "a", 0, 1);
    set(1, "a", 0, 1);
    leave(2);
    expect(released).toEqual(["a 0"]);
    set(0, "a", 1, 1);
    leave(0);
    expect(released).toEqual(["a 0"]);
    set(1, "a", 1, 1);
    expect(released).toEqual(["a 0", "a 1"]);
  });
});
