/** Shows that the wheel wakes everyone whose time has come, once, and nobody else. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { TimerWheel } from "../../../src/load/flow/timer-wheel.js";

type Command =
  | { readonly kind: "set"; readonly id: number; readonly ahead: number }
  | { readonly kind: "pass"; readonly ms: number };

const commands = fc.array(
  fc.oneof(
    fc.record({
      kind: fc.constant("set" as const),
      id: fc.nat(90),
      ahead: fc.oneof(
        fc.double({ min: -5, max: 50, noNaN: true }),
        fc.integer({ min: 16_000, max: 60_000 }),
        fc.constant(Infinity),
      ),
    }),
    fc.record({
      kind: fc.constant("pass" as const),
      ms: fc.oneof(fc.double({ min: 0, max: 3, noNaN: true }), fc.integer({ min: 0, max: 40_000 })),
    }),
  ),
  { maxLength: 120 },
);

test("the wheel does what a list of times does", () => {
  fc.assert(
    fc.property(
      commands,
      fc.double({ min: 0, max: 1e6, noNaN: true }),
      (list: Command[], start) => {
        const wheel = new TimerWheel(start);
        const model = new Map<number, number>();
        let now = start;
        for (const command of list) {
          if (command.kind === "set") {
            wheel.set(command.id, now + command.ahead);
            if (command.ahead === Infinity) model.delete(command.id);
            else model.set(command.id, now + command.ahead);
            continue;
          }
          now += command.ms;
          const due: number[] = [];
          wheel.advance(now, due);
          const expected = [...model].filter(([, at]) => at <= now).map(([id]) => id);
          for (const id of expected) model.delete(id);
          expect(due.toSorted((a, b) => a - b)).toEqual(expected.toSorted((a, b) => a - b));
        }
      },
    ),
    { numRuns: 300 },
  );
});

test("who is set again while being woken is not woken twice in the same turn", () => {
  const wheel = new TimerWheel(0);
  wheel.set(3, 5);
  const due: number[] = [];
  wheel.advance(10, due);
  wheel.set(3, 7);
  expect(due).toEqual([3]);
  wheel.advance(10, due);
  expect(due).toEqual([3, 3]);
  wheel.advance(20_000, due);
  expect(due).toHaveLength(2);
});

test("says when to look again, and is told of what is set for earlier", () => {
  const hastened: number[] = [];
  const wheel = new TimerWheel(0, (at) => void hastened.push(at));
  wheel.set(1, 30.5);
  wheel.set(2, 20_000);
  expect(hastened).toEqual([30.5]);
  expect(wheel.soonest()).toBe(30.5);
  wheel.set(3, 40);
  wheel.set(4, 10.25);
  expect(hastened).toEqual([30.5, 10.25]);
  // What is set in the midst of a look hastens nothing: its end says when the next is to be.
  wheel.advance(35, []);
  wheel.set(5, 36);
  expect(hastened).toEqual([30.5, 10.25]);
  expect(wheel.soonest()).toBe(36);
});

test("looks again at the latest before anything far ahead is due", () => {
  const wheel = new TimerWheel(0);
  // A turn of the wheel lies between them: the same slot, and nothing due.
  wheel.set(1, 16_384 + 5);
  expect(wheel.soonest()).toBeLessThanOrEqual(16_384 + 5);
  expect(wheel.soonest()).toBeGreaterThan(5);
});

test("a crowded moment is looked at, at the latest, when it comes", () => {
  const wheel = new TimerWheel(0);
  for (let id = 0; id < 1000; id++) wheel.set(id, 7 + id / 1001);
  expect(wheel.soonest()).toBeGreaterThanOrEqual(7);
  expect(wheel.soonest()).toBeLessThan(8);
});
