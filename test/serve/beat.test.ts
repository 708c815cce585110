/** Shows that a beat keeps its rate on a clock of the test's own, also when the process stalls. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { startBeat } from "../../src/serve/beat.js";

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] }));
afterEach(() => void vi.useRealTimers());

function beats(rate: number) {
  const seen = { count: 0, calls: 0 };
  const stop = startBeat({
    rate,
    now: () => performance.now(),
    due: (count) => {
      seen.count += count;
      seen.calls++;
    },
  });
  return { seen, stop };
}

describe("a beat", () => {
  test.each([1, 7, 100, 333, 10_000])("of %i/s has that many in ten seconds", (rate) => {
    const { seen } = beats(rate);
    vi.advanceTimersByTime(10_000);
    // One may be a breath away, and so may be those of the 5 ms between two looks at the clock.
    expect(Math.abs(seen.count - rate * 10)).toBeLessThanOrEqual(1 + rate * 0.005);
    expect(seen.calls).toBeLessThanOrEqual(2001);
  });

  test("can be slow: once in two minutes", () => {
    const { seen } = beats(1 / 120);
    vi.advanceTimersByTime(119_999);
    expect(seen.count).toBe(0);
    vi.advanceTimersByTime(2);
    expect(seen.count).toBe(1);
  });

  test("makes up for a short stall, and not for a long one", () => {
    let time = 0;
    let count = 0;
    startBeat({ rate: 100, now: () => time, due: (due) => void (count += due) });
    time = 500;
    vi.advanceTimersByTime(10);
    expect(count).toBe(50);
    time = 60_000;
    vi.advanceTimersByTime(10);
    expect(count).toBeLessThanOrEqual(151);
  });

  test("ends when it is stopped", () => {
    const { seen, stop } = beats(100);
    stop();
    vi.advanceTimersByTime(1000);
    expect(seen.count).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });
});
