/** Shows that the ledger is a queue with two clocks, against the plainest model of one. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Ledger } from "../../src/load/ledger.js";

interface Model {
  waiting: { intended: number; written: number }[];
  expired: number;
  now: number;
}

type Step = (ledger: Ledger, model: Model) => void;

/** Sends some requests: pushed one by one, written together. */
const sends = fc.integer({ min: 1, max: 9 }).map<Step>((count) => (ledger, model) => {
  model.now++;
  for (let i = 0; i < count; i++) {
    const intended = model.now - i / 16;
    ledger.push(intended);
    model.waiting.push({ intended, written: model.now });
  }
  ledger.written(count, model.now);
});

const answers = fc.integer({ min: 1, max: 9 }).map<Step>((count) => (ledger, model) => {
  for (let i = 0; i < count; i++) {
    expect(ledger.takeExpired()).toBe(model.expired > 0);
    if (model.expired > 0) {
      model.expired--;
    } else if (model.waiting.length > 0) {
      model.waiting.shift();
      ledger.shift();
    }
  }
});

/** Gives up on everything written before the limit, as a link does; returns how many. */
function expireBefore(ledger: Ledger, limit: number): number {
  let count = 0;
  for (; ledger.waiting > 0 && ledger.writtenOf(0) < limit; count++) ledger.expire();
  return count;
}

const expiries = fc.integer({ min: 0, max: 12 }).map<Step>((age) => (ledger, model) => {
  const limit = model.now - age;
  const old = model.waiting.filter(({ written }) => written < limit).length;
  expect(expireBefore(ledger, limit)).toBe(old);
  model.waiting.splice(0, old);
  model.expired += old;
});

const clearing = fc.constant<Step>((ledger, model) => {
  expect(ledger.clear()).toBe(model.waiting.length);
  model.waiting = [];
  model.expired = 0;
});

const forgetting = fc.constant<Step>((ledger, model) => {
  ledger.forget();
  model.waiting = [];
});

const steps = fc.oneof(
  { weight: 5, arbitrary: sends },
  { weight: 5, arbitrary: answers },
  { weight: 2, arbitrary: expiries },
  { weight: 1, arbitrary: clearing },
  { weight: 1, arbitrary: forgetting },
);

test("whatever is sent, answered and given up, it holds what a plain array would", () => {
  fc.assert(
    fc.property(fc.array(steps, { maxLength: 60 }), (script) => {
      const ledger = new Ledger();
      const model: Model = { waiting: [], expired: 0, now: 0 };
      for (const step of script) {
        step(ledger, model);
        expect([ledger.waiting, ledger.expired]).toEqual([model.waiting.length, model.expired]);
        for (const [i, { intended, written }] of model.waiting.entries()) {
          expect([ledger.intendedOf(i), ledger.writtenOf(i)]).toEqual([intended, written]);
        }
      }
    }),
    { numRuns: 150 },
  );
});

describe("boundaries", () => {
  test("a request written at the very limit is not yet too old", () => {
    const ledger = new Ledger();
    ledger.push(1);
    ledger.written(1, 100);
    expect(expireBefore(ledger, 100)).toBe(0);
    expect(expireBefore(ledger, 100.001)).toBe(1);
  });

  test("a new ledger is empty, and marking nothing as written does no harm", () => {
    const ledger = new Ledger();
    ledger.written(0, 5);
    expect([ledger.waiting, ledger.expired, ledger.clear()]).toEqual([0, 0, 0]);
    expect([ledger.takeExpired(), expireBefore(ledger, Infinity)]).toEqual([false, 0]);
  });

  test("a hundred thousand in flight come out in order", () => {
    const ledger = new Ledger();
    for (let i = 0; i < 100_000; i++) ledger.push(i);
    let inOrder = 0;
    while (ledger.waiting > 0) {
      if (ledger.intendedOf(0) === inOrder) inOrder++;
      ledger.shift();
    }
    expect(inOrder).toBe(100_000);
  });
});
