/** Shows the arithmetic of recoveries on losses made by hand. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { burstsOf } from "../../src/metrics/recovery-bursts.js";
import { crowdOf, RecoveryDials } from "../../src/metrics/recovery-crowd.js";
import { RecoveryCurve } from "../../src/metrics/recovery-curve.js";
import { awayWithin, backAfter, figuresOf } from "../../src/metrics/recovery-figures.js";
import {
  causes,
  decodeLosses,
  encodeLosses,
  fates,
  newLoss,
  resubscriptions,
  type LossRecord,
} from "../../src/metrics/recovery-part.js";

const facts = { nodes: ["a", "b"], hasLedger: true, onReconnect: "verified" } as const;

function loss(at: number, more: Partial<LossRecord> = {}): LossRecord {
  return { ...newLoss(at, causes.other, 1, 0), ...more };
}

function back(at: number, over: number, more: Partial<LossRecord> = {}): LossRecord {
  return loss(at, { over, until: over, fate: fates.back, attempts: 1, first: over, ...more });
}

test("losses travel as they are", () => {
  const field = fc.oneof(fc.double(), fc.constant(NaN), fc.integer());
  fc.assert(
    fc.property(fc.array(field, { maxLength: 40 }), (values) => {
      const losses = values.map((value, i) => back(value, i, { missed: i, from: 64, to: 3 }));
      expect(decodeLosses(encodeLosses(losses))).toEqual(losses);
    }),
    { numRuns: 50 },
  );
});

describe("the curve", () => {
  const losses = [back(1000, 1500), back(1000, 2000), loss(1200, { fate: fates.gaveUp })];
  const curve = new RecoveryCurve(losses, [{ open: [0, 4, 30, -1] }, { open: [0, 1] }]);

  test("goes down with losses, and up when they are made good", () => {
    const at = [0, 1, 1000, 1001, 1201, 1501, 2001, 3001];
    expect(at.map((ms) => curve.before(ms))).toEqual([0, 5, 5, 3, 2, 3, 4, 3]);
    expect(curve.fewest(0.5, 999)).toBe(5);
    expect(curve.fewest(900, 4000)).toBe(2);
    expect(curve.fewest(1600, 1700)).toBe(3);
  });

  test("adds up", () => {
    expect(curve.time(500, 1000)).toBe(2500);
    expect(curve.time(1000, 1500)).toBe(200 * 3 + 300 * 2);
    expect(curve.time(5000, 6000)).toBe(3000);
  });

  test("is drawn with the fewest of each stretch", () => {
    const points = curve.points(900, 2100, 4);
    expect(points.map(({ at }) => at)).toEqual([1200, 1500, 1800, 2100]);
    expect(points.map(({ open }) => open)).toEqual([2, 2, 2, 3]);
    expect(curve.points(5, 5, 10)).toEqual([]);
  });
});

describe("a crowd", () => {
  test("is looked for in any 100 ms", () => {
    expect(crowdOf([])).toEqual({ share: 0, at: undefined });
    expect(crowdOf([7])).toEqual({ share: 1, at: 7 });
    expect(crowdOf([250, 0, 199, 99.9, 160, 260])).toEqual({ share: 0.5, at: 99.9 });
    expect(crowdOf([0, 100, 200, 300])).toEqual({ share: 0.25, at: 0 });
  });

  test("of dials is the most in any second, of all workers together", () => {
    const dials = new RecoveryDials([{ dials: [0, 5, 9, 5, 10, 5] }, { dials: [9, 1, 25, 7] }]);
    expect(dials.peak()).toBe(11);
    expect(dials.peak(950)).toBe(11);
    expect(dials.peak(1000, 2400)).toBe(5);
    expect(dials.peak(2500, 2500)).toBe(7);
    expect(new RecoveryDials([]).peak()).toBe(0);
  });
});

describe("a burst", () => {
  const burstsAt = (open: number, ...at: number[]): number[][] =>
    burstsOf(
      at.map((ms) => loss(ms)),
      () => open,
    ).map((burst) => burst.map((one) => one.at));

  test("is one in twenty within a second, and two at least", () => {
    expect(burstsAt(100, 0, 100, 200, 300)).toEqual([]);
    expect(burstsAt(100, 0, 100, 200, 300, 999)).toEqual([[0, 100, 200, 300, 999]]);
    expect(burstsAt(100, 0, 100, 200, 300, 1000)).toEqual([]);
    expect(burstsAt(10, 5)).toEqual([]);
    expect(burstsAt(10, 5, 6)).toEqual([[5, 6]]);
    expect(burstsAt(1, 5)).toEqual([[5]]);
  });

  test("goes on while it is dense, and another may follow", () => {
    expect(burstsAt(40, 0, 800, 1600, 2400)).toEqual([[0, 800, 1600, 2400]]);
    expect(burstsAt(40, 0, 1, 5000, 5001)).toEqual([
      [0, 1],
      [5000, 5001],
    ]);
    // Steady losses are no burst, however long they go on.
    const steady = Array.from({ length: 500 }, (_, i) => i * 300);
    expect(burstsAt(100, ...steady)).toEqual([]);
  });

  test("takes each loss once, in order", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 20_000 }), { maxLength: 80 }),
        fc.integer({ min: 1, max: 200 }),
        (moments, open) => {
          const sorted = moments.toSorted((a, b) => a - b);
          const found = burstsAt(open, ...sorted).flat();
          expect(found).toEqual(found.toSorted((a, b) => a - b));
          expect(found.length).toBeLessThanOrEqual(sorted.length);
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe("figures", () => {
  const { asked, confirmed, failed } = resubscriptions;
  const losses = [
    back(0, 100, { from: 1, to: 2, missed: 3, resubscribed: confirmed, held: 4 }),
    back(0, 300, { from: 1, to: 2, attempts: 3, resubscribed: failed }),
    back(10, 210, { from: 2, to: 2, missed: -2, resubscribed: asked }),
    loss(20, { over: 900, until: 5000, fate: fates.gaveUp, attempts: 2, first: 120 }),
    loss(30, { over: 1000, until: 1000 }),
  ];

  test("tell what became of all of them", () => {
    const { times, ...figures } = figuresOf(losses, facts);
    expect(figures).toEqual({
      cut: 5,
      back: 3,
      lostForGood: 1,
      ended: 1,
      attempts: 7,
      firstRetries: { count: 4, crowded: 0.5, at: 100, begun: 0.5, heldUp: 4 },
      missed: 3,
      resubscribed: { verified: true, asked: 3, confirmed: 1, failed: 1 },
      moves: [
        { from: "a", to: "b", connections: 2, away: { p50: 100, max: 300 }, missed: 3 },
        { from: "b", to: "b", connections: 1, away: { p50: 200, max: 200 }, missed: 0 },
      ],
      furtherMoves: 0,
    });
    expect(times.count).toBe(3);
    expect([times.min, times.max].map(Math.round)).toEqual([100, 300]);
  });

  test("tell the crowd that was due from the one that was begun", () => {
    const crowd = Array.from({ length: 10 }, (_, i) =>
      loss(0, { attempts: 1, first: 500, held: i * 50 }),
    );
    expect(figuresOf(crowd, facts).firstRetries).toEqual({
      count: 10,
      crowded: 1,
      at: 500,
      begun: 0.2,
      heldUp: 450,
    });
  });

  test("of nothing are nothing", () => {
    const none = { nodes: [], hasLedger: false, onReconnect: "nothing" } as const;
    expect(figuresOf([], none)).toMatchObject({
      cut: 0,
      missed: undefined,
      resubscribed: undefined,
      moves: [],
      firstRetries: { count: 0, crowded: 0, at: undefined, begun: 0, heldUp: 0 },
      times: { count: 0 },
    });
  });

  test("keep a bounded number of moves", () => {
    const names = Array.from({ length: 60 }, (_, i) => `n${i}`);
    const many = names.map((_, i) => back(0, 1, { from: i + 1, to: 1 }));
    const { moves, furtherMoves } = figuresOf(many, { ...facts, nodes: names });
    expect([moves.length, furtherMoves]).toEqual([50, 10]);
  });

  test("say when so many were back, if ever", () => {
    expect(backAfter(losses, 0.5, 0)).toBe(300);
    expect(backAfter(losses, 0.5, 50)).toBe(250);
    expect(backAfter(losses, 0.95, 0)).toBeUndefined();
    expect(backAfter([], 1, 0)).toBeUndefined();
  });

  test("add up the time away", () => {
    expect(awayWithin(losses, 0, 10_000)).toBe(100 + 300 + 200 + 4980 + 970);
    expect(awayWithin(losses, 200, 250)).toBe(50 + 10 + 50 + 50);
  });
});
