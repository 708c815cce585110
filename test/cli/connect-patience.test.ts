/** Shows when the patience of a pipe is at an end. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { longestTimer } from "../../src/base/timer.js";
import { Patience } from "../../src/cli/pipe/patience.js";

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

test("it ends after its time, counted from the last push", () => {
  const onEnd = vi.fn();
  const patience = new Patience(100, onEnd);
  vi.advanceTimersByTime(1000);
  patience.push();
  vi.advanceTimersByTime(60);
  patience.push();
  vi.advanceTimersByTime(99);
  expect(onEnd).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(onEnd).toHaveBeenCalledTimes(1);
});

test("one that has ended can be had anew, from within and later", () => {
  let left = 2;
  const onEnd = vi.fn(() => {
    if (left-- > 0) patience.push();
  });
  const patience = new Patience(100, onEnd);
  patience.push();
  vi.advanceTimersByTime(1000);
  expect(onEnd).toHaveBeenCalledTimes(3);
  patience.push();
  vi.advanceTimersByTime(100);
  expect(onEnd).toHaveBeenCalledTimes(4);
});

test("it may be longer than a timer, or for ever, and does not end once stopped", () => {
  const onEnd = vi.fn();
  new Patience(longestTimer + 1000, onEnd).push();
  new Patience(Infinity, onEnd).push();
  const stopped = new Patience(10, onEnd);
  stopped.push();
  stopped.stop();
  stopped.push();
  vi.advanceTimersByTime(longestTimer + 999);
  expect(onEnd).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(onEnd).toHaveBeenCalledTimes(1);
});
