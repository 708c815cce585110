/** Shows how connections are opened: at the rate, in order, not too many at once, until told to stop. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { openAll } from "../../src/load/opener.js";
import { cut } from "../../src/scenario/shard.js";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "setTimeout", "performance"] });
});

afterEach(() => {
  vi.useRealTimers();
});

/** Dials that take so many ms; what was begun and when. */
class Dials {
  readonly begun: { position: number; at: number }[] = [];
  underWay = 0;
  most = 0;
  readonly #takes: number;
  readonly #startedAt = performance.now();

  constructor(takes: number) {
    this.#takes = takes;
  }

  readonly open = async (position: number): Promise<void> => {
    this.begun.push({ position, at: performance.now() - this.#startedAt });
    this.underWay++;
    this.most = Math.max(this.most, this.underWay);
    await new Promise((resolve) => setTimeout(resolve, this.#takes));
    this.underWay--;
  };
}

const never = new AbortController().signal;

/** Whether a promise is settled once what is due has happened. */
function watch(promise: Promise<void>): { done: boolean; error: unknown } {
  const state = { done: false, error: undefined as unknown };
  promise.then(
    () => (state.done = true),
    (error: unknown) => Object.assign(state, { done: true, error }),
  );
  return state;
}

describe("the connect rate", () => {
  test.each([1, 20, 200, 1000, 33.3])(
    "of %d per second is never exceeded, and is reached",
    async (rate) => {
      const dials = new Dials(1);
      const count = Math.ceil(rate * 2);
      const state = watch(openAll({ count, rate, open: dials.open, signal: never }));
      await vi.advanceTimersByTimeAsync(2100);
      expect(state.done).toBe(true);
      expect(dials.begun.map(({ position }) => position)).toEqual(dials.begun.map((_, i) => i));
      for (const [i, { at }] of dials.begun.entries()) {
        // Number i is due after i / rate seconds, and begun at the beat after that.
        expect(at).toBeGreaterThanOrEqual((i * 1000) / rate - 1e-6);
        expect(at).toBeLessThanOrEqual((i * 1000) / rate + 6);
      }
    },
  );

  test("lets the first begin at once", async () => {
    const dials = new Dials(1);
    const state = watch(openAll({ count: 1, rate: 0.01, open: dials.open, signal: never }));
    expect(dials.begun).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(10);
    expect(state.done).toBe(true);
  });
});

test("several workers together keep the rate of all, and a ramp is a straight line", async () => {
  const [total, rate] = [1001, 500];
  const begun: number[] = [];
  const started = performance.now();
  const shards = cut(total, 3).map(({ from, to }) =>
    openAll({
      count: to - from,
      // As bare-play has it: each worker its share.
      rate: (rate * (to - from)) / total,
      open: async () => void begun.push(performance.now() - started),
      signal: never,
    }),
  );
  const states = shards.map((shard) => watch(shard));
  await vi.advanceTimersByTimeAsync(2100);
  expect(begun).toHaveLength(total);
  expect(states.every(({ done }) => done)).toBe(true);
  // At every moment so many as the rate allows, but for one of each worker, and a beat of waiting.
  for (let at = 0; at <= 2000; at += 50) {
    const count = begun.filter((moment) => moment <= at).length;
    expect(count).toBeLessThanOrEqual((at * rate) / 1000 + 3);
    expect(count).toBeGreaterThanOrEqual(((at - 6) * rate) / 1000 - 3);
  }
});

test("no more than some hundred are under way at once, and each that ends makes room", async () => {
  const dials = new Dials(50);
  const state = watch(openAll({ count: 1000, rate: 1e6, open: dials.open, signal: never }));
  await vi.advanceTimersByTimeAsync(49);
  expect(dials.begun.length).toBeGreaterThanOrEqual(50);
  expect(dials.begun.length).toBeLessThanOrEqual(200);
  await vi.advanceTimersByTimeAsync(2000);
  expect([state.done, dials.begun.length]).toEqual([true, 1000]);
  expect(dials.most).toBeLessThanOrEqual(200);
});

test("it is over when the last dial is, not when it begins", async () => {
  const dials = new Dials(500);
  const state = watch(openAll({ count: 3, rate: 1000, open: dials.open, signal: never }));
  await vi.advanceTimersByTimeAsync(400);
  expect([state.done, dials.begun.length]).toEqual([false, 3]);
  await vi.advanceTimersByTimeAsync(200);
  expect(state.done).toBe(true);
});

test("nothing to open is over at once", async () => {
  const dials = new Dials(1);
  await openAll({ count: 0, rate: 1, open: dials.open, signal: never });
  expect(dials.begun).toEqual([]);
});

describe("a signal", () => {
  test("stops new dials and waits for those under way", async () => {
    const stop = new AbortController();
    const dials = new Dials(300);
    const state = watch(openAll({ count: 100, rate: 100, open: dials.open, signal: stop.signal }));
    await vi.advanceTimersByTimeAsync(100);
    const begun = dials.begun.length;
    stop.abort();
    await vi.advanceTimersByTimeAsync(100);
    expect([state.done, dials.begun.length]).toEqual([false, begun]);
    await vi.advanceTimersByTimeAsync(300);
    expect([state.done, state.error, dials.begun.length]).toEqual([true, undefined, begun]);
  });

  test("that has fired already opens nothing", async () => {
    const dials = new Dials(1);
    await openAll({ count: 9, rate: 1, open: dials.open, signal: AbortSignal.abort() });
    expect(dials.begun).toEqual([]);
  });
});

test("the first error is everybody's, and nothing is begun after it", async () => {
  let begun = 0;
  const open = async (position: number): Promise<void> => {
    begun++;
    await new Promise((resolve) => setTimeout(resolve, 20));
    if (position === 0) throw new Error("a bug");
  };
  const state = watch(openAll({ count: 1000, rate: 1000, open, signal: never }));
  await vi.advanceTimersByTimeAsync(21);
  expect((state.error as Error).message).toBe("a bug");
  const before = begun;
  await vi.advanceTimersByTimeAsync(1000);
  expect(begun).toBe(before);
});
