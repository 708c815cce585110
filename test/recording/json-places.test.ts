/** Shows where in a text the values stand that paths select, in JSON and in what is nearly JSON. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compileJsonPath } from "../../src/message/json-path.js";
import type { JsonValue } from "../../src/message/json.js";
import { placesOf, stepsOf } from "../../src/recording/json-places.js";

function found(text: string, ...paths: string[]): string[] {
  return placesOf(text, paths.map(stepsOf)).map(([from, to]) => text.slice(from, to));
}

test.each<[string, string[], string[]]>([
  ['{"password":"a","b":{"password":"c"}}', ["$.password"], ['"a"']],
  ['{"password":"a","b":{"password":"c"}}', ["$..password"], ['"a"', '"c"']],
  ['{ "users" : [ {"pin" : 1} , {"pin":2,"x":3} ] }', ["$.users[*].pin"], ["1", "2"]],
  ['{"a":[1,[2,3],{"b":4}]}', ["$.a[1]", "$.a[2].b"], ["[2,3]", "4"]],
  ['{"a":{"b":{"c":1}}}', ["$.a", "$.a.b.c"], ['{"b":{"c":1}}']],
  ['{"a":1,"b":2,"c":3}', ["$['a','c']"], ["1", "3"]],
  ['{"a":1,"a":2}', ["$.a"], ["1", "2"]],
  [String.raw`{"p\u0061ss":"x\"y\\"}`, ["$.pass"], [String.raw`"x\"y\\"`]],
  ['{"a":1e999,"b":true}', ["$.a", "$.b"], ["1e999", "true"]],
  ['{"__proto__":{"a":1}}', ["$.__proto__.a"], ["1"]],
  ['"text"', ["$"], ['"text"']],
  ["plain {text", ["$.a"], []],
  ["", ["$..a"], []],
  ['"{\\"a\\":1}[1]"', ["$..*"], []],
])("%s %j", (text, paths, values) => {
  expect(found(text, ...paths)).toEqual(values);
});

describe("what is not quite JSON is looked through too", () => {
  test.each<[string, string[], string[]]>([
    ['42["login",{"password":"x"}]', ["$[1].password"], ['"x"']],
    ['{"a":1}\n{"a":2}\n', ["$.a"], ["1", "2"]],
    ['{"a":"cut o', ["$.a"], ['"cut o']],
    ['{"a":[1,{"b":2', ["$.a[1].b"], ["2"]],
    ['{"a":', ["$.a"], []],
    ['{"a" 1, "a":2}', ["$.a"], ["2"]],
    ['{"a":1}} {"a":3}', ["$.a"], ["1", "3"]],
    ["{'a':1,\"a\":2}", ["$.a"], ["2"]],
  ])("%s", (text, paths, values) => {
    expect(found(text, ...paths)).toEqual(values);
  });
});

test("it finds what the evaluation of the path finds", () => {
  const key = fc.constantFrom("a", "b", "__proto__", "é", '"');
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.integer(),
      fc.string({ maxLength: 5 }),
      fc.array(tie("value"), { maxLength: 3 }),
      fc.dictionary(key, tie("value"), { maxKeys: 3 }),
    ),
  }));
  const step = fc.constantFrom(
    ".a",
    "..a",
    ".b",
    "[0]",
    "[*]",
    "..*",
    "['__proto__']",
    "..[1]",
    ".*.a",
  );
  fc.assert(
    fc.property(value, fc.array(step, { minLength: 1, maxLength: 3 }), (json, steps) => {
      const path = `$${steps.join("")}`;
      const text = JSON.stringify(json);
      const selected = compileJsonPath(path).select(JSON.parse(text) as JsonValue)!;
      const places = found(text, path);
      // Each is found, or lies within one that is.
      for (const each of selected) {
        expect(places.some((place) => place.includes(JSON.stringify(each)))).toBe(true);
      }
      for (const place of places) {
        expect(selected).toContainEqual(JSON.parse(place));
      }
    }),
    { numRuns: 300 },
  );
});

test("depth, and text that never ends, take neither stack nor patience", () => {
  const deep = "[".repeat(1_000_000);
  expect(found(deep, "$..a")).toHaveLength(1);
  expect(found(`{"a":${deep}`, "$.a")).toHaveLength(1);
  expect(found('{"a'.repeat(200_000), "$..a").length).toBeLessThan(200_000);
  expect(found(`{"a":"${"\\".repeat(1_000_001)}`, "$.a")).toHaveLength(1);
  expect(found('{"a":"\\"'.repeat(200_000), "$.b")).toEqual([]);
});

test.each([
  ["$.a[?@.b]", "filters"],
  ["$.a[-1]", "filters"],
  ["$.a[0:2]", "filters"],
  ["$.a[", "not a JSONPath"],
  [`$${".a".repeat(40)}`, "more than 30 steps"],
])("%s is refused", (path, why) => {
  expect(() => stepsOf(path)).toThrow(why);
});
