/** Shows that what is held back leaves in order and never early, on a clock of the test's own. */
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { DelayLine } from "../../src/serve/delay-line.js";

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] }));
afterEach(() => void vi.useRealTimers());

function line(takes: (item: number) => boolean = () => true) {
  const left: { item: number; at: number }[] = [];
  const held = new DelayLine<number>({
    now: () => performance.now(),
    release: (item) => takes(item) && left.push({ item, at: performance.now() }) > 0,
  });
  return { held, left, items: () => left.map(({ item }) => item) };
}

describe("a delay line", () => {
  test("lets what is due pass at once", () => {
    const { held, items } = line();
    held.push(1, performance.now());
    expect(items()).toEqual([1]);
    expect(held.length).toBe(0);
  });

  test("keeps the order: a short delay waits behind a long one", () => {
    const { held, items } = line();
    held.push(1, performance.now() + 50);
    held.push(2, performance.now() + 5);
    vi.advanceTimersByTime(49);
    expect(items()).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(items()).toEqual([1, 2]);
  });

  test("tries again when an item could not be released", () => {
    let open = false;
    const { held, items } = line(() => open);
    held.push(1, 0);
    held.push(2, 0);
    vi.advanceTimersByTime(100);
    expect(items()).toEqual([]);
    open = true;
    vi.advanceTimersByTime(10);
    expect(items()).toEqual([1, 2]);
  });

  test("forgets everything at its end, and takes nothing more", () => {
    const { held, items } = line();
    held.push(1, performance.now() + 5);
    held.end();
    held.push(2, 0);
    vi.advanceTimersByTime(1000);
    expect(items()).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("runs one timer however much it holds", () => {
    const { held } = line();
    for (let item = 0; item < 5000; item++) held.push(item, performance.now() + 10 + (item % 7));
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(20);
    expect(held.length).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("never early, never out of order, nothing lost", () => {
    const delays = fc.array(fc.double({ min: 0, max: 40, noNaN: true }), { maxLength: 40 });
    fc.assert(
      fc.property(delays, (all) => {
        const { held, left, items } = line();
        const due = all.map((delay) => performance.now() + delay);
        for (const [item, at] of due.entries()) {
          held.push(item, at);
          if (item % 3 === 0) vi.advanceTimersByTime(2);
        }
        vi.advanceTimersByTime(100);
        expect(items()).toEqual(all.map((_, item) => item));
        for (const { item, at } of left) expect(at).toBeGreaterThanOrEqual(due[item]!);
      }),
      { numRuns: 50 },
    );
  });
});
