/** Shows that at a given rate everything that is due is sent, with the time it was intended for. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Link } from "../../src/load/link.js";
import { OpenModel } from "../../src/load/open-model.js";
import { Schedule } from "../../src/scenario/schedule.js";

/** A link that only remembers what it was told to send. */
class FakeLink {
  readonly index: number;
  open = true;
  blocked = false;
  rounds = 0;
  pending = false;
  readonly intended: number[] = [];
  writes = 0;

  constructor(index: number) {
    this.index = index;
  }

  send(intended: number): void {
    this.rounds++;
    this.pending = true;
    this.intended.push(intended);
  }

  flush(): void {
    if (this.pending) this.writes++;
    this.pending = false;
  }
}

const asLinks = (links: (FakeLink | undefined)[]): (Link | undefined)[] =>
  links as unknown as (Link | undefined)[];

/** A model over `count` links, of a plan that has more on both sides. */
function modelOf(schedule: Schedule, count: number, from = 0): [OpenModel, FakeLink[]] {
  const links = Array.from({ length: count }, (_, i) => new FakeLink(from + i));
  const model = new OpenModel(schedule, asLinks(links), from);
  return [model, links];
}

function intendedOf(schedule: Schedule, { index, rounds }: FakeLink, zero: number): number[] {
  return Array.from({ length: rounds }, (_, round) => zero + schedule.intended(index, round));
}

test("nothing is due before the start", () => {
  const [model, links] = modelOf(new Schedule(1000, 4, 1000), 4);
  model.tick(performance.now());
  model.unblocked(asLinks(links)[0]!);
  model.start(10_000);
  model.tick(9999);
  expect(links.map(({ rounds }) => rounds)).toEqual([0, 0, 0, 0]);
});

test("what is due is sent at whatever beat, with its intended time, and nothing twice", () => {
  const plans = fc.record({
    rate: fc.constantFrom(1 / 3, 7, 100, 2500),
    total: fc.integer({ min: 1, max: 12 }),
    share: fc.tuple(fc.nat(11), fc.integer({ min: 1, max: 12 })),
    beats: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 30 }),
  });
  fc.assert(
    fc.property(plans, ({ rate, total, share, beats }) => {
      const from = share[0] % total;
      const count = Math.min(share[1], total - from);
      const duration = (300 / rate) * 1000;
      const schedule = new Schedule(rate, total, duration);
      const [model, links] = modelOf(schedule, count, from);
      model.start(5000);
      for (const beat of beats.toSorted((a, b) => a - b)) {
        model.tick(5000 + beat * duration);
        for (const link of links) {
          expect(link.rounds).toBe(schedule.dueOf(link.index, beat * duration));
          expect(link.intended).toEqual(intendedOf(schedule, link, 5000));
          expect(link.pending).toBe(false);
        }
      }
      model.tick(5000 + 2 * duration);
      expect(model.outcome(duration)).toEqual({
        due: links.reduce((sum, { index }) => sum + schedule.roundsOf(index), 0),
        sent: links.reduce((sum, { rounds }) => sum + rounds, 0),
        unsent: 0,
      });
      expect(links.map(({ rounds }) => rounds)).toEqual(
        links.map(({ index }) => schedule.roundsOf(index)),
      );
    }),
    { numRuns: 60 },
  );
});

test("what is due on one connection at one beat leaves in one write", () => {
  const [model, links] = modelOf(new Schedule(1000, 2, 10_000), 2);
  model.start(0);
  model.tick(100.5);
  expect(links.map(({ rounds, writes }) => [rounds, writes])).toEqual([
    [51, 1],
    [50, 1],
  ]);
});

describe("a blocked connection", () => {
  test("does not hold up the others, and catches up with the times that were intended", () => {
    const schedule = new Schedule(1000, 2, 1e12);
    const [model, [slow, quick]] = modelOf(schedule, 2) as [OpenModel, [FakeLink, FakeLink]];
    const zero = performance.now() - 500;
    model.start(zero);
    slow.blocked = true;
    model.tick(zero + 400);
    expect([slow.rounds, quick.rounds]).toEqual([0, 200]);
    slow.blocked = false;
    model.unblocked(asLinks([slow])[0]!);
    expect(slow.rounds).toBeGreaterThanOrEqual(250);
    expect(slow.intended).toEqual(intendedOf(schedule, slow, zero));
    expect(slow.writes).toBe(1);
    // And from then on it takes its turn as before.
    const caughtUp = slow.rounds;
    model.tick(zero + 450);
    expect(slow.rounds).toBe(caughtUp);
    model.tick(zero + 2 * caughtUp + 2);
    expect(slow.rounds).toBe(caughtUp + 2);
    expect(slow.intended).toEqual(intendedOf(schedule, slow, zero));
  });

  test("that stays blocked has what it did not send counted as due", () => {
    const [model, [slow, quick]] = modelOf(new Schedule(100, 2, 1000), 2) as [
      OpenModel,
      [FakeLink, FakeLink],
    ];
    model.start(0);
    slow.blocked = true;
    model.tick(1000);
    expect([slow.rounds, quick.rounds]).toEqual([0, 50]);
    expect(model.outcome(1000)).toEqual({ due: 100, sent: 50, unsent: 0 });
  });
});

describe("a connection that is not there", () => {
  test("or has ended has what was due on it counted as unsent", () => {
    const links = [new FakeLink(0), undefined, new FakeLink(2)];
    const model = new OpenModel(new Schedule(30, 3, 10_000), asLinks(links), 0);
    model.start(0);
    model.tick(4999);
    links[0]!.open = false;
    model.tick(10_000);
    expect(links.map((link) => link?.rounds)).toEqual([50, undefined, 100]);
    expect(model.outcome(10_000)).toEqual({ due: 150, sent: 150, unsent: 150 });
  });

  test("in no link at all: nothing is due, and nothing hangs", () => {
    const model = new OpenModel(new Schedule(1000, 5, 1000), [], 2);
    model.start(0);
    model.tick(10_000);
    expect(model.outcome(1000)).toEqual({ due: 0, sent: 0, unsent: 0 });
  });
});

test("a great backlog is sent in portions, so that replies are read in between", () => {
  const [model, links] = modelOf(new Schedule(100_000, 10, 1000), 10);
  model.start(0);
  const sent = (): number => links.reduce((sum, { rounds }) => sum + rounds, 0);
  model.tick(1000);
  const portion = sent();
  expect(portion).toBeGreaterThan(0);
  expect(portion).toBeLessThan(20_000);
  for (let beat = 0; beat < 100 && sent() < 100_000; beat++) model.tick(1000);
  expect(sent()).toBe(100_000);
});

test("ended early, only what was due by then is asked for", () => {
  const [model, links] = modelOf(new Schedule(100, 1, 10_000), 1);
  model.start(0);
  model.tick(99);
  expect(model.outcome(100)).toEqual({ due: 11, sent: 10, unsent: 0 });
  expect(links[0]!.rounds).toBe(10);
});
