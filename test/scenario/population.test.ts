/** Shows that who lives when follows the stages exactly, whatever part of the users one looks at. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { PlanLoad } from "../../src/scenario/flow-plan.js";
import { Population, type Life } from "../../src/scenario/population.js";
import { cut } from "../../src/scenario/shard.js";

type Line = readonly [duration: number, from: number, to: number];

function load(kind: PlanLoad["kind"], ...lines: readonly Line[]): PlanLoad {
  return {
    kind,
    stages: lines.map(([duration, from, to], i) => ({ name: `stage ${i}`, duration, from, to })),
    maxConnections: undefined,
  };
}

function all(population: Population): Life[][] {
  return Array.from({ length: population.size }, (_, index) => population.livesOf(index));
}

/** How many are alive at a moment. */
function alive(lives: readonly Life[][], at: number): number {
  return lives.flat().filter(({ from, to }) => from <= at && at < to).length;
}

describe("a population", () => {
  test("that is constant lives from the first moment to the last", () => {
    const population = new Population(load("population", [60_000, 3, 3]));
    expect(population.size).toBe(3);
    expect(all(population)).toEqual(Array.from({ length: 3 }, () => [{ from: 0, to: 60_000 }]));
  });

  test("grows and shrinks along its stages, and rises again", () => {
    const lines: Line[] = [
      [1000, 0, 4],
      [1000, 4, 4],
      [1000, 4, 0],
      [1000, 0, 2],
    ];
    const lives = all(new Population(load("population", ...lines)));
    // Where the curve only touches a rank, that user lives on.
    expect(lives.map((life) => life.length).toSorted((a, b) => a - b)).toEqual([1, 1, 1, 2]);
    expect([1, 600, 1500, 2990, 3999].map((at) => alive(lives, at))).toEqual([1, 3, 4, 1, 2]);
    expect(lives.flat().map(({ from }) => from)).toEqual(
      expect.arrayContaining([0, 250, 500, 750, 3500]),
    );
  });

  test("follows its curve at every moment, for any stages", () => {
    const lines = fc.array(fc.tuple(fc.nat(5000), fc.nat(60), fc.nat(60)), {
      minLength: 1,
      maxLength: 6,
    });
    fc.assert(
      fc.property(lines, fc.array(fc.float({ min: 0, max: 1, noNaN: true })), (given, moments) => {
        const population = new Population(load("population", ...given));
        if (population.size === 0) return;
        const lives = all(population);
        for (const moment of moments) {
          const at = moment * population.duration;
          const stage = population.stageAt(at);
          if (stage === undefined) continue;
          const begin = stage === 0 ? 0 : population.ends[stage - 1]!;
          const [duration, from, to] = given[stage]!;
          const curve = from + ((to - from) * (at - begin)) / duration;
          expect(Math.abs(alive(lives, at) - curve)).toBeLessThanOrEqual(1);
        }
      }),
      { numRuns: 200 },
    );
  });

  test("is ramped by every shard alike", () => {
    const population = new Population(load("population", [10_000, 0, 1000]));
    for (const { from, to } of cut(1000, 4)) {
      const lives = all(population).slice(from, to);
      expect(Math.abs(alive(lives, 5000) - 125)).toBeLessThanOrEqual(6);
    }
  });
});

describe("arrivals", () => {
  test("come evenly at a constant rate", () => {
    const population = new Population(load("arrivals", [2000, 5, 5]));
    expect(population.size).toBe(10);
    const births = all(population).map(([life]) => life!.from);
    for (const [rank, birth] of births.toSorted((a, b) => a - b).entries()) {
      expect(birth).toBeCloseTo(rank * 200, 6);
    }
    expect(all(population).every(([life]) => life!.to === 2000)).toBe(true);
  });

  test("come ever faster along a ramp", () => {
    const population = new Population(load("arrivals", [10_000, 0, 20]));
    expect(population.size).toBe(100);
    const births = all(population)
      .map(([life]) => life!.from)
      .toSorted((a, b) => a - b);
    // Under a ramp the n-th comes at the square root of its share.
    for (const [rank, birth] of births.entries()) {
      expect(birth).toBeCloseTo(10_000 * Math.sqrt(rank / 100), 6);
    }
  });

  test("are as many as the area under any rates, and never outside of their stages", () => {
    const lines = fc.array(fc.tuple(fc.integer({ min: 1, max: 5000 }), fc.nat(100), fc.nat(100)), {
      minLength: 1,
      maxLength: 6,
    });
    fc.assert(
      fc.property(lines, (given) => {
        const population = new Population(load("arrivals", ...given));
        const area = given.reduce((sum, [d, from, to]) => sum + ((from + to) / 2000) * d, 0);
        expect(Math.abs(population.size - area)).toBeLessThanOrEqual(1);
        for (const [life] of all(population)) {
          expect(life!.from).toBeGreaterThanOrEqual(0);
          expect(life!.from).toBeLessThanOrEqual(life!.to);
        }
      }),
      { numRuns: 200 },
    );
  });
});

test("a moment lies in one stage, and in none after the last", () => {
  const population = new Population(load("population", [1000, 0, 1], [0, 1, 9], [500, 9, 9]));
  expect([-1, 0, 999, 1000, 1499, 1500].map((at) => population.stageAt(at))).toEqual([
    undefined,
    0,
    0,
    2,
    2,
    undefined,
  ]);
  expect(population.ends).toEqual([1000, 1000, 1500]);
});
