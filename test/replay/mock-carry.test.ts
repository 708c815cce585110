/** Shows which values of a client are carried into the answers, and which are left alone. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compileCapture } from "../../src/message/capture.js";
import { parseCapture } from "../../src/replay/captures.js";
import { Carry } from "../../src/replay/mock-carry.js";
import { leavesOf } from "../../src/replay/json-leaves.js";

function carryOf(detect: boolean, captures: readonly string[] = []): Carry {
  return new Carry({ detect, named: captures.map((json) => compileCapture({ json, as: "v" })) });
}

function heard(carry: Carry, recorded: unknown, now: unknown): void {
  carry.heard(bytes(recorded), bytes(now), false);
}

function bytes(value: unknown): Buffer {
  return Buffer.from(typeof value === "string" ? value : JSON.stringify(value));
}

function answered(carry: Carry, recorded: unknown): string {
  return carry.carried(bytes(recorded), false).toString();
}

describe("found values", () => {
  test("an id comes back under its name, whatever its length", () => {
    const carry = carryOf(true);
    heard(carry, { op: "say", id: 1 }, { op: "say", id: 42 });
    expect(answered(carry, { re: "say", id: 1, seq: 1, count: 1 })).toBe(
      '{"re":"say","id":42,"seq":1,"count":1}',
    );
    expect(carry.count).toBe(1);
  });

  test("long values come back anywhere, within longer texts too", () => {
    const carry = carryOf(true);
    heard(carry, { id: "req-0123456789" }, { id: "req-abcdefghij" });
    expect(answered(carry, '{"re" : "req-0123456789","log":"done: req-0123456789."}')).toBe(
      '{"re" : "req-abcdefghij","log":"done: req-abcdefghij."}',
    );
  });

  test("what is said as it was recorded is answered as it was recorded", () => {
    const carry = carryOf(true);
    heard(carry, { name: "ada" }, { name: "bob" });
    expect(answered(carry, { name: "ada" })).toBe('{"name":"bob"}');
    heard(carry, { name: "ada" }, { name: "ada" });
    expect(answered(carry, { name: "ada" })).toBe('{"name":"ada"}');
  });

  test("an echo is an echo: texts and bytes come back whole", () => {
    const carry = carryOf(true);
    heard(carry, "hello", "good day");
    expect(answered(carry, "hello")).toBe("good day");
    carry.heard(Buffer.from([1, 2]), Buffer.from([3]), true);
    expect(carry.carried(Buffer.from([1, 2]), true)).toEqual(Buffer.from([3]));
  });

  test("what stands before the JSON, and numbers of any length, stay as they were", () => {
    const carry = carryOf(true);
    heard(carry, '42["say",{"text":"hi there"}]', '42["say",{"text":"good \\"day\\""}]');
    expect(answered(carry, '42["said",{"text":"hi there","n":12345678901234567890}]')).toBe(
      '42["said",{"text":"good \\"day\\"","n":12345678901234567890}]',
    );
  });

  test("without being asked nothing is carried, and the very same bytes go out", () => {
    const carry = carryOf(false);
    heard(carry, { id: 1 }, { id: 2 });
    const answer = bytes({ id: 1 });
    expect(carry.carried(answer, false)).toBe(answer);
  });
});

test("named values are carried wherever they stand alone, others are not", () => {
  const carry = carryOf(false, ["$.user"]);
  heard(carry, { user: "ada-l.", id: 1 }, { user: 'b"ob', id: 2 });
  expect(answered(carry, { from: "ada-l.", id: 1, text: "ada-l.!" })).toBe(
    '{"from":"b\\"ob","id":1,"text":"ada-l.!"}',
  );
});

test("short ones, that are found by chance, go only under their name", () => {
  const carry = new Carry({ detect: false, named: [parseCapture("id=$.id")] });
  heard(carry, { id: 1 }, { id: 7 });
  expect(answered(carry, { id: 1, count: 1 })).toBe('{"id":7,"count":1}');
  const big = "1234567890123456789";
  heard(carry, `{"id":${big}}`, `{"id":${big}0}`);
  expect(answered(carry, `{"re":${big}}`)).toBe(`{"re":${big}0}`);
});

describe("leaves", () => {
  test("every text and number of any JSON is found, at its place", () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 4 }), (text) => {
        const values = leavesOf(text, 10_000).map(({ raw, at }) => {
          expect(text.startsWith(raw, at)).toBe(true);
          return JSON.parse(raw) as unknown;
        });
        // Names that are numbers come first in JavaScript's objects.
        expect(values.map(String).toSorted()).toEqual(
          leavesByHand(JSON.parse(text)).map(String).toSorted(),
        );
      }),
      { numRuns: 200 },
    );
  });

  test("any text at all is gone through, in time that grows with its length", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        expect(leavesOf(text, 100).length).toBeLessThanOrEqual(101);
      }),
      { numRuns: 200 },
    );
    const quotes = '\\"'.repeat(500_000);
    expect(leavesOf(quotes, 10)).toEqual([]);
    expect(leavesOf("[".repeat(1_000_000), 10)).toEqual([]);
  });
});

function leavesByHand(value: unknown): unknown[] {
  if (typeof value === "string" || typeof value === "number") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(leavesByHand);
}
