/** Shows the pace of a ramp by a clock that is not this machine's. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { climb, mostWithin, type RampClock } from "../../../src/inspect/limits/ramp.js";

const { signal } = new AbortController();
const counts = [1, 2, 5, 10, 20];
const stepMs = 1000;

/** A clock on which each wait takes so much longer than it was to. */
function clockWith(late: (wait: number) => number): RampClock {
  let time = 0;
  return {
    now: () => time,
    pause: async (ms) => {
      time += ms + late(ms);
    },
  };
}

async function timesWith(clock: RampClock, makesUp = false): Promise<number[]> {
  const times: number[] = [];
  await climb({ counts, stepMs, signal, makesUp, clock }, () => times.push(clock.now()) > 0);
  return times;
}

test("on time, RL-1 begins 20 handshakes in the last second, one each 50 ms", async () => {
  const times = await timesWith(clockWith(() => 0));
  expect(times).toHaveLength(38);
  expect(mostWithin(times, stepMs)).toBe(20);
  expect(times.slice(-20).map((time) => time - 4000)).toEqual(
    Array.from({ length: 20 }, (_, index) => index * 50),
  );
});

test("however late this machine is, never more than 20 begin within a second, nor two at once", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 0, max: 3000 }), { maxLength: 60 }),
      async (delays) => {
        let turn = 0;
        const times = await timesWith(clockWith(() => delays[turn++] ?? 0));
        expect(times).toHaveLength(38);
        expect(mostWithin(times, stepMs)).toBeLessThanOrEqual(20);
        const gaps = times.slice(1).map((time, index) => time - times[index]!);
        expect(Math.min(...gaps)).toBeGreaterThanOrEqual(50 - 1e-6);
      },
    ),
    { numRuns: 60 },
  );
});

test("messages make up for what was late, and stay within their step", async () => {
  let isFirst = true;
  const clock = clockWith(() => {
    const late = isFirst ? 700 : 0;
    isFirst = false;
    return late;
  });
  const times = await timesWith(clock, true);
  expect(times).toHaveLength(38);
  expect(times.at(-1)).toBeLessThan(5000 + 700);
});
