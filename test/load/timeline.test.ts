/** Shows that a worker waits for a moment, however far, and no longer than it is told to. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Timeline } from "../../src/load/timeline.js";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
});

afterEach(() => {
  vi.useRealTimers();
});

const probe = { cpu: () => 0, rss: () => 0, monotonic: () => 5_000_000 + performance.now() };

function waiting(at: number, signal = new AbortController().signal): { done: boolean } {
  const state = { done: false };
  void new Timeline(probe, signal).until(at).then(() => (state.done = true));
  return state;
}

test("a moment of the machine's clock is found on the process's own", () => {
  const timeline = new Timeline(probe, new AbortController().signal);
  expect(timeline.local(5_000_000 + performance.now() + 250)).toBeCloseTo(
    performance.now() + 250,
    6,
  );
});

test("it waits until then, not before", async () => {
  const state = waiting(performance.now() + 250);
  await vi.advanceTimersByTimeAsync(249);
  expect(state.done).toBe(false);
  await vi.advanceTimersByTimeAsync(2);
  expect(state.done).toBe(true);
});

test("what has passed is not waited for", async () => {
  const state = waiting(performance.now() - 1);
  await vi.advanceTimersByTimeAsync(0);
  expect(state.done).toBe(true);
});

test("a month is not the instant that Node's timers would make of it", async () => {
  const month = 30 * 86_400_000;
  const state = waiting(performance.now() + month);
  await vi.advanceTimersByTimeAsync(month - 10);
  expect(state.done).toBe(false);
  await vi.advanceTimersByTimeAsync(20);
  expect(state.done).toBe(true);
});

test("the signal ends it, now and for all later waits", async () => {
  const stop = new AbortController();
  const state = waiting(performance.now() + 1e9, stop.signal);
  await vi.advanceTimersByTimeAsync(10);
  stop.abort();
  await vi.advanceTimersByTimeAsync(0);
  expect(state.done).toBe(true);
  expect(vi.getTimerCount()).toBe(0);
  const later = waiting(performance.now() + 1e9, stop.signal);
  await vi.advanceTimersByTimeAsync(0);
  expect(later.done).toBe(true);
});
