/** Shows whose CPU a worker is judged by: its event loop's, and not that of threads beside it. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { SelfWatch } from "../../src/load/self-watch.js";

// What is read of one moment is read of it exactly, however busy the machine is.
beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A process that has used `cpu` of a core since it began, and whose loop was at work for `busy` of the time. */
function watchOf(cpu: number, busy?: number): SelfWatch {
  const zero = performance.now();
  const elapsed = (): number => performance.now() - zero;
  return new SelfWatch({
    cpu: () => elapsed() * cpu,
    rss: () => 1,
    monotonic: () => performance.now(),
    ...(busy === undefined ? {} : { busy: () => elapsed() * busy }),
  });
}

function judged(watch: SelfWatch): number {
  watch.begin();
  vi.advanceTimersByTime(20);
  watch.end();
  return watch.health().cpu;
}

test("a thread that helps does not make a worker busy", () => {
  expect(judged(watchOf(1.1, 0.6))).toBeCloseTo(0.6, 6);
});

test("a loop that others keep from the core has used no more CPU than it had", () => {
  expect(judged(watchOf(0.4, 1))).toBeCloseTo(0.4, 6);
});

test("where the loop is not known, CPU alone counts", () => {
  expect(judged(watchOf(0.97))).toBeCloseTo(0.97, 6);
});
