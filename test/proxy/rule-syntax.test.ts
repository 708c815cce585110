/** Shows how a rule of the proxy is read, and how its mistakes are told. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Random, seedOf } from "../../src/base/random.js";
import { parseRule } from "../../src/proxy/rule-syntax.js";

describe("the arrow", () => {
  test.each([
    ["hello => drop", "hello"],
    ["  hello   =>   drop  ", "hello"],
    [`$.a == "x => y" => drop`, `$.a == "x => y"`],
    [`$.a == 'x => y' => drop`, `$.a == 'x => y'`],
    [`$['a => b'] == 1 => drop`, `$['a => b'] == 1`],
    [String.raw`$.a == "\" => " => drop`, String.raw`$.a == "\" => "`],
    ["/a => b/ => drop", "/a => b/"],
    [String.raw`/a\/ => b/i => drop`, String.raw`/a\/ => b/i`],
    ["$.a =~ /x => y/ => drop", "$.a =~ /x => y/"],
    ["it's => drop", "it's"],
    ["$.a contains it's => drop", "$.a contains it's"],
    ["/etc/passwd => drop", "/etc/passwd"],
    ["a=>b => drop", "a=>b"],
    ["$.n >= 5 => drop", "$.n >= 5"],
    ["text:=> => drop", "text:=>"],
  ])("of %j ends %j", (rule, match) => {
    expect(parseRule(rule)).toMatchObject({ match, action: { kind: "drop" } });
  });

  test("may come again in what is said", () => {
    expect(parseRule("a => replace b => c").action).toEqual({
      kind: "replace",
      template: "b => c",
    });
  });

  test.each(["hello drop", "a=>drop", "=> drop", " => drop", "a => ", "a => frob", "a => drop x"])(
    "%j is a mistake that says how it is done",
    (rule) => {
      expect(() => parseRule(rule)).toThrow(
        expect.objectContaining({
          code: "WSCTL_EUSAGE",
          message: expect.stringMatching(/^not a rule: /) as unknown,
          hint: expect.stringContaining("write it like") as unknown,
        }),
      );
    },
  );

  test("is found in whatever is written, or its absence told", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), (text) => {
        try {
          const { action } = parseRule(text);
          expect(action.kind).toBeTypeOf("string");
        } catch (error) {
          expect(error).toMatchObject({ code: "WSCTL_EUSAGE" });
        }
      }),
      { numRuns: 300 },
    );
  });
});

test.each(["up:x", "inn:$.a", "server: x", "in:out:x"])("%j has no direction", (match) => {
  expect(() => parseRule(`${match} => drop`)).toThrow(/"\w+" is no direction/);
});

test.each([
  ["in:a => drop", "in", "a"],
  ["out:$.x => drop", "out", "$.x"],
  [" out: a => drop", "out", "a"],
  ["a => drop", undefined, "a"],
  ["contains:inn:a => drop", undefined, "contains:inn:a"],
  ["ws://h => drop", undefined, "ws://h"],
  ["a b:c => drop", undefined, "a b:c"],
  ["12:30 => drop", undefined, "12:30"],
  ["opcode:ping => drop", undefined, "opcode:ping"],
  ["in:opcode:ping => drop", "in", "opcode:ping"],
  ["contains:in:a => drop", undefined, "contains:in:a"],
])("%j is of one direction, or of both", (rule, direction, match) => {
  expect(parseRule(rule)).toMatchObject({ match });
  expect(parseRule(rule).direction).toBe(direction);
});

test("a star is every message", () => {
  expect(parseRule("in:* => drop")).toMatchObject({ direction: "in" });
  expect(parseRule("in:* => drop").match).toBeUndefined();
});

describe("actions", () => {
  const random = new Random(seedOf("test"));
  const delays = (time: string): number[] => {
    const { action } = parseRule(`a => delay ${time}`);
    if (action.kind !== "delay") throw new Error(action.kind);
    return Array.from({ length: 200 }, () => action.delay(random));
  };

  test("delay is one time", () => {
    expect(new Set(delays("200ms"))).toEqual(new Set([200]));
  });

  test.each(["200ms±50ms", "200ms ± 50ms", "200ms+-50ms", "200ms +- 50ms"])(
    "delay %s lies between 150 and 250 ms",
    (time) => {
      const all = delays(time);
      expect(Math.min(...all)).toBeGreaterThanOrEqual(150);
      expect(Math.max(...all)).toBeLessThanOrEqual(250);
      expect(Math.max(...all) - Math.min(...all)).toBeGreaterThan(50);
    },
  );

  test("delay knows the distributions of serve", () => {
    expect(new Set(delays("normal=20ms,5ms")).size).toBeGreaterThan(100);
  });

  test("close has a code and a reason", () => {
    expect(parseRule("a => close 4001 no such room").action).toEqual({
      kind: "close",
      code: 4001,
      reason: "no such room",
    });
    expect(parseRule("a => close 1000").action).toMatchObject({ code: 1000, reason: "" });
  });

  test("edit has a path and a value", () => {
    expect(parseRule(`a => edit $['x=y'].z = {"a":"="}`).action).toEqual({
      kind: "edit",
      path: "$['x=y'].z",
      value: `{"a":"="}`,
    });
  });

  test("replace takes a text or a file", () => {
    expect(parseRule(`a => replace {"b": 1}`).action).toMatchObject({ template: `{"b": 1}` });
    expect(parseRule("a => replace @b.json").action).toEqual({
      kind: "replace-file",
      path: "b.json",
    });
  });

  test.each([
    ["delay", /a time/],
    ["delay soon", /soon/],
    ["delay 10ms±20ms", /more than the delay/],
    ["delay 2h", /too long/],
    ["close", /a code/],
    ["close 1005", /a code/],
    ["close 1006", /a code/],
    ["close 999", /a code/],
    ["close 10000", /a code/],
    [`close 1000 ${"ä".repeat(62)}`, /123 bytes/],
    ["replace", /a text/],
    ["edit $.a", /edit \$\.price/],
    ["edit $.a =", /a value/],
    ["dropp", /did you mean drop/],
  ])("%j is refused", (action, message) => {
    expect(() => parseRule(`a => ${action}`)).toThrow(message);
  });
});
