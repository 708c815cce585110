/** The guess which message answers which: never a wrong one. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { RoundTrips } from "../../src/repl/round-trips.js";
import type { Direction } from "../../src/session/session-events.js";

function conversation() {
  const trips = new RoundTrips();
  const see = (direction: Direction, data: string, at: number) =>
    trips.see({
      direction,
      data: Buffer.from(data),
      at,
      number: 1,
      binary: false,
      wire: 0,
      frames: 1,
      compressed: false,
    });
  return {
    trips,
    out: (data: string, at: number) => see("out", data, at),
    in: (data: string, at: number) => see("in", data, at),
  };
}

describe("a reply", () => {
  test.each(["id", "requestId", "correlationId"])("is told by %s, in any order", (name) => {
    const on = conversation();
    on.out(`{"${name}":1}`, 10);
    on.out(`{"${name}":"1"}`, 20);
    expect(on.in(`{"ok":true,"${name}":"1"}`, 50)).toBe(30);
    expect(on.in(`{"ok":true,"${name}":1}`, 60)).toBe(50);
    expect(on.in(`{"ok":true,"${name}":1}`, 70)).toBeUndefined();
  });

  test("is none where two have asked by the same id", () => {
    const on = conversation();
    on.out('{"id":1,"a":1}', 0);
    on.out('{"id":1,"a":2}', 1);
    expect(on.in('{"id":1}', 2)).toBeUndefined();
    expect(on.in('{"id":1}', 3)).toBeUndefined();
  });

  test("is none where its ids tell of two", () => {
    const on = conversation();
    on.out('{"id":1}', 0);
    on.out('{"requestId":2}', 1);
    expect(on.in('{"id":1,"requestId":2}', 2)).toBeUndefined();
  });

  test("is none for numbers that JSON rounds, ids further in, and what is no JSON", () => {
    const on = conversation();
    on.out('{"id":12345678901234567890}', 0);
    expect(on.in('{"id":12345678901234567891}', 1)).toBeUndefined();
    on.out('{"data":{"id":4}}', 2);
    expect(on.in('{"id":4}', 3)).toBeUndefined();
    on.out('{"id":5', 4);
    expect(on.in('{"id":5}', 5)).toBeUndefined();
  });

  test("is an echo of the oldest that was not answered, and of no other", () => {
    const on = conversation();
    on.out("a", 0);
    on.out("b", 1);
    expect(on.in("b", 2)).toBeUndefined();
    expect(on.in("a", 3)).toBe(3);
    expect(on.in("b", 4)).toBe(3);
    expect(on.in("b", 5)).toBeUndefined();
    on.out("", 6);
    expect(on.in("", 7)).toBeUndefined();
  });

  test("is none after a minute, and after another connection", () => {
    const on = conversation();
    on.out("a", 0);
    expect(on.in("a", 60_001)).toBeUndefined();
    on.out('{"id":1}', 60_002);
    on.trips.clear();
    expect(on.in('{"id":1}', 60_003)).toBeUndefined();
  });
});

test("what is remembered is bounded, whatever is said", () => {
  const on = conversation();
  for (let each = 0; each < 5000; each++) on.out(`{"id":${each},"x":"${"x".repeat(8000)}"}`, each);
  expect(on.in('{"id":4000}', 5000)).toBeUndefined();
  expect(on.in('{"id":4999}', 5000)).toBe(1);
});

test("it is never negative and never throws", () => {
  const data = fc.oneof(
    fc.json(),
    fc.constantFrom('{"id":1}', '{"id":1,"id":2}', '{"__proto__":{"id":1}}', "x"),
  );
  const said = fc.tuple(fc.boolean(), data);
  fc.assert(
    fc.property(fc.array(said, { maxLength: 50 }), (all) => {
      const on = conversation();
      for (const [at, [isOut, text]] of all.entries()) {
        const trip = isOut ? on.out(text, at) : on.in(text, at);
        expect(trip ?? 0).toBeGreaterThanOrEqual(0);
      }
    }),
    { numRuns: 200 },
  );
});
