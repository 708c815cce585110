/** Shows the lock of a source whose Redis answers late, or not when the source leaves. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { SourceLock } from "../../../src/serve/modes/ticker/source-lock.js";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "setInterval", "clearInterval", "performance"] });
});

afterEach(() => {
  vi.useRealTimers();
});

/** A lock at a Redis that answers when it is told to, and how often the lock was won. */
function lock() {
  const answers: ((term: unknown) => void)[] = [];
  const script = (): Promise<unknown> => new Promise((resolve) => void answers.push(resolve));
  let won = 0;
  const made = new SourceLock({ life: "a", script }, () => won++);
  const answer = async (term: number): Promise<void> => {
    answers.shift()!(term);
    await Promise.resolve();
    await Promise.resolve();
  };
  return { made, answers, answer, won: () => won };
}

test("it is told of once, and again with each new term", async () => {
  const { made, answer, won } = lock();
  const counts: number[] = [];
  for (const term of [0, 1, 1, 3]) {
    vi.advanceTimersByTime(1000);
    await answer(term);
    counts.push(won());
  }
  expect(counts).toEqual([0, 1, 1, 2]);
  expect([made.held, made.term]).toEqual([true, 3]);
});

test("an answer that took longer than the lock holds counts only when it is renewed", async () => {
  const { made, answer, won } = lock();
  vi.advanceTimersByTime(1000);
  vi.advanceTimersByTime(6000);
  await answer(2);
  expect([made.held, won()]).toEqual([false, 0]);
  vi.advanceTimersByTime(1000);
  await answer(2);
  expect([made.held, won()]).toEqual([true, 1]);
});

test("whoever leaves does not wait for a Redis that has stopped", async () => {
  const { made, answer, answers } = lock();
  vi.advanceTimersByTime(1000);
  await answer(1);
  let left = false;
  const closing = made.close().then(() => (left = true));
  expect(answers).toHaveLength(1);
  vi.advanceTimersByTime(500);
  await closing;
  expect([left, made.held]).toEqual([true, false]);
});
