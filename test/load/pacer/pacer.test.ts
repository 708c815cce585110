/** Shows what all pacers have in common, and what the ticker does that the others need not. */
import { afterEach, describe, expect, test } from "vitest";
import { type Pacer, newPacer } from "../../../src/load/pacer/pacer.js";
import { TickerPacer } from "../../../src/load/pacer/ticker-pacer.js";

/** The thread's script as it is shipped: threads are not compiled on the way. */
const thread = new URL("../../../dist/load/pacer/ticker-thread.js", import.meta.url);

const monotonic = (): number => Number(process.hrtime.bigint()) / 1e6;

const makers: Record<string, () => Pacer> = {
  ticker: () => new TickerPacer(monotonic, thread),
  timer: () => newPacer("timer", monotonic),
  spin: () => newPacer("spin", monotonic),
};

const running: Pacer[] = [];
const start = (pacer: Pacer, tick: () => void): void => {
  running.push(pacer);
  pacer.start(tick);
};

afterEach(() => {
  for (const pacer of running.splice(0)) pacer.stop();
});

const turn = (): Promise<void> => new Promise(setImmediate);

/** Turns of the event loop until the condition holds; as many as a thread needs to wake, and more. */
async function until(holds: () => boolean): Promise<void> {
  for (let i = 0; i < 5_000_000 && !holds(); i++) await turn();
}

describe.each(Object.entries(makers))("%s", (_name, make) => {
  test("ticks at every moment that was said to be due, never long before it", async () => {
    const pacer = make();
    const moments: number[] = [];
    const zero = performance.now();
    const gap = 3;
    let next = zero + gap;
    await new Promise<void>((resolve) => {
      start(pacer, () => {
        const now = performance.now();
        while (next <= now) {
          moments.push(next);
          next += gap;
        }
        pacer.due(next);
        if (moments.length >= 20) resolve();
      });
    });
    expect(moments.length).toBeGreaterThanOrEqual(20);
    expect(performance.now()).toBeGreaterThanOrEqual(zero + 20 * gap);
  });

  test("ticks no more once it was stopped, in a tick or outside", async () => {
    const pacer = make();
    let ticks = 0;
    await new Promise<void>((resolve) => {
      start(pacer, () => {
        pacer.due(performance.now());
        if (++ticks < 3) return;
        pacer.stop();
        resolve();
      });
    });
    const end = performance.now() + 20;
    await until(() => performance.now() > end);
    expect(ticks).toBe(3);
  });

  test("stops before it was started", () => {
    expect(() => make().stop()).not.toThrow();
  });
});

describe("the ticker", () => {
  /**
   * One that has nothing to do, and has come to rest.
   */
  const idle = async (): Promise<{ pacer: TickerPacer; ticks: number[] }> => {
    const pacer = new TickerPacer(monotonic, thread);
    const ticks: number[] = [];
    start(pacer, () => {
      ticks.push(performance.now());
      pacer.due(Infinity);
    });
    for (let calm = 0; calm < 3; calm++) {
      pacer.due(performance.now());
      const before = ticks.length;
      await until(() => ticks.length > before);
      const after = ticks.length;
      const end = performance.now() + 15;
      await until(() => performance.now() > end);
      if (ticks.length > after) calm = -1;
    }
    return { pacer, ticks };
  };

  test("leaves a worker alone that has nothing to do", async () => {
    const { ticks } = await idle();
    const before = ticks.length;
    const end = performance.now() + 60;
    await until(() => performance.now() > end);
    expect(ticks.length).toBe(before);
  });

  test("is woken by its thread, which needs no timer", async () => {
    const { pacer, ticks } = await idle();
    const [before, wakes] = [ticks.length, pacer.wakes];
    // Of what is due now the thread may be beaten by the timer; of so many moments not each time.
    for (let i = 0; i < 200 && pacer.wakes === wakes; i++) {
      const ticked = ticks.length;
      pacer.due(performance.now());
      await until(() => ticks.length > ticked);
    }
    expect(pacer.wakes).toBeGreaterThan(wakes);
    expect(ticks.length).toBeGreaterThan(before);
    expect(pacer.isLost).toBe(false);
  });

  test("is woken early by what is due earlier than it was told", async () => {
    const { pacer, ticks } = await idle();
    const before = ticks.length;
    pacer.due(performance.now() + 3_600_000);
    pacer.hasten(performance.now() + 1);
    await until(() => ticks.length > before);
    expect(ticks.length).toBe(before + 1);
  });

  test("is not woken by what is due later than it was told", async () => {
    const { pacer, ticks } = await idle();
    const before = ticks.length;
    const at = performance.now() + 40;
    pacer.due(at);
    pacer.hasten(at + 3_600_000);
    await until(() => ticks.length > before);
    expect(ticks[before]).toBeGreaterThanOrEqual(at);
  });

  test("falls back to a timer when its thread is lost", async () => {
    const pacer = new TickerPacer(
      monotonic,
      new URL("data:text/javascript,throw new Error('lost')"),
    );
    let ticks = 0;
    await new Promise<void>((resolve) => {
      start(pacer, () => {
        pacer.due(performance.now());
        if (++ticks === 5) resolve();
      });
    });
    expect(ticks).toBeGreaterThanOrEqual(5);
    await until(() => pacer.isLost);
    expect([pacer.isLost, pacer.wakes]).toEqual([true, 0]);
  });
});
