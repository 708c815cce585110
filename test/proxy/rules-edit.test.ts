/** Shows that an edit changes one value of a JSON message, and nothing else of it. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Opcode } from "../../src/frame/opcode.js";
import { MessageView } from "../../src/message/view.js";
import { compileEdit } from "../../src/proxy/rules-edit.js";

function edited(path: string, message: string, value = "9"): string | undefined {
  const view = new MessageView(Opcode.text, Buffer.from(message));
  return compileEdit(path)(view, value)?.toString("utf8");
}

test.each([
  ["$.a", '{"a":1}', '{"a":9}'],
  ["$.a", ' { "a" : 1 , "b": 2 } ', ' { "a" : 9 , "b": 2 } '],
  ["$.a.b", '{"a":{"b":[1,2,{"x":"}"}],"c":3}}', '{"a":{"b":9,"c":3}}'],
  ["$.a[1]", '{"a":[1,2,3]}', '{"a":[1,9,3]}'],
  ["$.a[-1]", '{"a":[1,2,3]}', '{"a":[1,2,9]}'],
  ["$[0].b", '[{"b":null}]', '[{"b":9}]'],
  ["$", " [1,2] ", " 9 "],
  ["$.a", '{"a":"x\\"y","big":12345678901234567890}', '{"a":9,"big":12345678901234567890}'],
  ["$['ä\"']", '{"\\u00e4\\"":true}', '{"\\u00e4\\"":9}'],
  ["$.a", '{"a":1,"a":2}', '{"a":1,"a":9}'],
  // A member that is not there is added to an object that is.
  ["$.new", "{}", '{"new":9}'],
  ["$.new", "{ }", '{ "new":9}'],
  ["$.a.new", '{"a":{"b":1}}', '{"a":{"b":1,"new":9}}'],
])("%s of %s", (path, message, result) => {
  expect(edited(path, message)).toBe(result);
});

test.each([
  ["$.a.b", "{}"],
  ["$.a.b", '{"a":1}'],
  ["$.a", "[1]"],
  ["$[0]", "{}"],
  ["$[3]", "[1,2,3]"],
  ["$[-4]", "[1,2,3]"],
  ["$.a", "no JSON"],
  ["$.a", '{"a":1'],
  ["$.a", ""],
])("%s is not in %s, which passes as it is", (path, message) => {
  expect(edited(path, message)).toBeUndefined();
});

test("what is no UTF-8 is no JSON", () => {
  const view = new MessageView(Opcode.binary, Buffer.from([0x7b, 0x22, 0xff, 0x22]));
  expect(compileEdit("$.a")(view, "9")).toBeUndefined();
});

test.each([
  ["$..a", /one value/],
  ["$.a[*]", /one value/],
  ["a.b", /JSONPath/],
])("the path %s is refused", (path, message) => {
  expect(() => compileEdit(path)).toThrow(message);
});

describe("against a parser", () => {
  test("every value of every message can be edited, and reads as if it had been set", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 3 }), fc.nat(3), fc.nat(), (any, indent, choice) => {
        // JSON has no −0.
        const value: unknown = JSON.parse(JSON.stringify(any));
        const places = [...placesIn(value, [])];
        const steps = places[choice % places.length]!;
        const path = `$${steps.map((step) => `[${JSON.stringify(step)}]`).join("")}`;
        const result = edited(path, JSON.stringify(value, undefined, indent), '{"set":[true]}');
        expect(JSON.parse(result ?? "")).toEqual(withValue(value, steps, { set: [true] }));
      }),
      { numRuns: 200 },
    );
  });
});

type Step = string | number;

function* placesIn(value: unknown, steps: readonly Step[]): Generator<readonly Step[]> {
  yield steps;
  if (typeof value !== "object" || value === null) return;
  for (const [key, item] of Object.entries(value)) {
    // What cannot be written in a path, or set in an object of JavaScript's.
    if (key === "__proto__" || /[\p{Cc}\ud800-\udfff]/u.test(key)) continue;
    yield* placesIn(item, [...steps, Array.isArray(value) ? Number(key) : key]);
  }
}

function withValue(value: unknown, [step, ...rest]: readonly Step[], set: unknown): unknown {
  if (step === undefined) return set;
  const copy = structuredClone(value) as Record<Step, unknown>;
  copy[step] = withValue(copy[step], rest, set);
  return copy;
}
