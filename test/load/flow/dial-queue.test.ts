/** Shows that dials begin no faster, and no more at once, than they may. */
import { expect, test } from "vitest";
import { DialQueue } from "../../../src/load/flow/dial-queue.js";

/** A queue whose dials end when told to. */
function queueOf(rate: number, count: number) {
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  const errors: unknown[] = [];
  const queue = new DialQueue<number>(
    rate,
    (who) => {
      begun.push(who);
      return who === 13
        ? Promise.reject(new Error("unlucky"))
        : new Promise((resolve) => ends.push(resolve));
    },
    (error) => errors.push(error),
  );
  for (let who = 0; who < count; who++) queue.push(who);
  return { queue, begun, ends, errors };
}

test("first come, first served, at the rate; what was missed is not made up for in a burst", () => {
  const { queue, begun } = queueOf(100, 50);
  queue.advance(1000);
  const atOnce = begun.length;
  expect(atOnce).toBe(1);
  for (let now = 1001; now <= 1100; now++) queue.advance(now);
  expect(begun.length - atOnce).toBe(10);
  queue.advance(9000);
  expect(begun.length - atOnce).toBeLessThanOrEqual(11);
  expect(begun).toEqual(begun.map((_, i) => i));
});

test("a hundred at once at most; when one ends, the next begins", async () => {
  const { queue, begun, ends, errors } = queueOf(1e6, 5000);
  for (let now = 0; now < 50; now++) queue.advance(now);
  expect(begun).toHaveLength(100);
  ends[0]!();
  await new Promise((resolve) => setImmediate(resolve));
  queue.advance(60);
  // One was rejected at once, and told.
  expect([begun.length, errors.length]).toEqual([102, 1]);
});

test("it says when the next may begin: whoever comes then finds somebody each time", () => {
  const { queue, begun } = queueOf(10, 12);
  let looks = 0;
  for (let now = 1000; queue.nextAt < Infinity; now = queue.nextAt) {
    queue.advance(now);
    looks++;
    expect(begun).toHaveLength(looks);
  }
  // Over a second, in which a look each millisecond would have been a thousand.
  expect(looks).toBe(12);
});

test("while as many are under way as may be, nobody knows when the next may begin", async () => {
  const { queue, ends } = queueOf(1e6, 5000);
  expect(queue.nextAt).toBe(-Infinity);
  for (let now = 0; now < 50; now++) queue.advance(now);
  expect(queue.nextAt).toBe(-Infinity);
  for (const end of ends) end();
  await new Promise((resolve) => setImmediate(resolve));
  expect(queue.nextAt).toBeGreaterThan(0);
});

test("those who do not want to dial any more use up nothing of the rate", () => {
  const begun: number[] = [];
  const queue = new DialQueue<number>(
    10,
    (who) => {
      if (who < 500) return undefined;
      begun.push(who);
      return Promise.resolve();
    },
    () => {},
  );
  for (let who = 0; who < 510; who++) queue.push(who);
  for (let now = 0; now < 1000; now++) queue.advance(now);
  expect(begun).toHaveLength(10);
});
