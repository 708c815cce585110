/** Shows that the schedule is one and the same, however the work is shared, to the last message. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Schedule } from "../../src/scenario/schedule.js";
import { cut } from "../../src/scenario/shard.js";

const rates = fc.oneof(
  fc.constantFrom(1 / 3, 0.01, 0.07, 1, 2 / 3, 7, 999.9, 20_000, 1 / 86_400),
  fc.double({ min: 0.01, max: 20_000, noNaN: true }),
);

/** A plan with few enough messages to write them all down. */
const plans = fc
  .record({
    rate: rates,
    connections: fc.integer({ min: 1, max: 90 }),
    messages: fc.integer({ min: 0, max: 400 }),
    rest: fc.double({ min: 0.001, max: 1, noNaN: true }),
  })
  .map(({ rate, connections, messages, rest }) => ({
    rate,
    connections,
    duration: Math.max(0.001, ((messages + rest) * 1000) / rate),
  }));

/** Every send of some connections: connection, round, intended time; in order of time. */
function sendsOf(schedule: Schedule, from: number, to: number): [number, number, number][] {
  const sends: [number, number, number][] = [];
  for (let connection = from; connection < to; connection++) {
    for (let round = 0; round < schedule.roundsOf(connection); round++) {
      sends.push([connection, round, schedule.intended(connection, round)]);
    }
  }
  return sends.toSorted((a, b) => a[2] - b[2] || a[0] - b[0]);
}

describe("cutting into shards", () => {
  test.each(Array.from({ length: 64 }, (_, i) => i + 1))(
    "%d shards cover everything once",
    (of) => {
      for (const total of [0, 1, 2, 63, 64, 65, 1000, 999_983]) {
        const shards = cut(total, of);
        expect(shards.map(({ index }) => index)).toEqual(shards.map((_, i) => i));
        expect(shards[0]!.from).toBe(0);
        expect(shards.at(-1)!.to).toBe(total);
        for (const [i, shard] of shards.entries()) {
          if (i > 0) expect(shard.from).toBe(shards[i - 1]!.to);
          expect(shard.of).toBe(of);
          const size = shard.to - shard.from;
          expect(size === Math.floor(total / of) || size === Math.ceil(total / of)).toBe(true);
        }
      }
    },
  );
});

test("the union over 1 to 64 shards is the unsharded schedule", () => {
  fc.assert(
    fc.property(plans, fc.integer({ min: 1, max: 64 }), (plan, of) => {
      const whole = new Schedule(plan.rate, plan.connections, plan.duration);
      const union = cut(plan.connections, of).flatMap(({ from, to }) =>
        // Each worker makes a schedule of its own from the same plan.
        sendsOf(new Schedule(plan.rate, plan.connections, plan.duration), from, to),
      );
      expect(union.toSorted((a, b) => a[2] - b[2] || a[0] - b[0])).toEqual(
        sendsOf(whole, 0, plan.connections),
      );
    }),
    { numRuns: 150 },
  );
});

test("send k is intended at k / rate, belongs to connection k mod T, and none is in excess", () => {
  fc.assert(
    fc.property(plans, ({ rate, connections, duration }) => {
      const sends = sendsOf(new Schedule(rate, connections, duration), 0, connections);
      const wrong = sends.filter(
        ([connection, round, at], k) =>
          connection !== k % connections ||
          round !== Math.floor(k / connections) ||
          Math.abs(at - (k * 1000) / rate) > at * 1e-12 ||
          at >= duration,
      );
      expect(wrong).toEqual([]);
      // And the next one would be at the end or after it.
      const next = (sends.length * 1000) / rate;
      expect(next).toBeGreaterThanOrEqual(duration * (1 - 1e-12));
    }),
    { numRuns: 150 },
  );
});

describe("what is intended at the very end is not sent any more", () => {
  test.each([
    [0.07, 100_000, 7],
    [1 / 3, 3000, 1],
    [1 / 3, 9000, 3],
    [20_000, 1000, 20_000],
    [0.01, 100_000, 1],
    [0.01, 100_001, 2],
    [1.1, 10_000, 11],
    [2.3, 10_000, 23],
    [49, 1_000_000, 49_000],
    [999.9, 10_000, 9999],
  ])("%d/s for %d ms are %d messages", (rate, duration, total) => {
    const schedule = new Schedule(rate, 3, duration);
    const rounds = [0, 1, 2].map((connection) => schedule.roundsOf(connection));
    expect(rounds.reduce((sum, value) => sum + value, 0)).toBe(total);
  });
});

test("what is due by an instant is what was intended by then, that instant included", () => {
  const moments = fc.oneof(
    fc.double({ min: -1, max: 2, noNaN: true }),
    fc.constantFrom(0, 1, -Infinity),
  );
  fc.assert(
    fc.property(plans, moments, fc.nat(400), (plan, share, k) => {
      const { rate, connections, duration } = plan;
      const schedule = new Schedule(rate, connections, duration);
      const own = schedule.intended(k % connections, Math.floor(k / connections));
      const near = [own, own - own * 1e-9, own + own * 1e-9, share * duration];
      for (const elapsed of near.filter((value) => value <= 2 * duration)) {
        for (const connection of new Set([0, connections - 1, k % connections])) {
          let counted = 0;
          for (let round = 0; round < schedule.roundsOf(connection); round++) {
            if (schedule.intended(connection, round) <= elapsed) counted++;
          }
          expect(schedule.dueOf(connection, elapsed)).toBe(counted);
        }
      }
    }),
    { numRuns: 150 },
  );
});

test("each connection sends at its period, out of phase with the others", () => {
  const schedule = new Schedule(100, 4, 1000);
  expect([0, 1, 2, 3].map((connection) => schedule.intended(connection, 0))).toEqual([
    0, 10, 20, 30,
  ]);
  expect([0, 1, 2].map((round) => schedule.intended(1, round))).toEqual([10, 50, 90]);
});

test("connections that never get a turn have nothing due", () => {
  const schedule = new Schedule(1, 1000, 2000);
  expect([0, 1, 2, 999].map((connection) => schedule.roundsOf(connection))).toEqual([1, 1, 0, 0]);
  expect(schedule.dueOf(999, 1e9)).toBe(0);
});
