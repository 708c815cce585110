import * as fc from "fast-check";
import { JSONPathEnvironment } from "json-p3";
import type { JSONValue } from "json-p3";
import { describe, expect, test } from "vitest";
import type { JsonValue } from "../../src/message/json.js";
import { compileJsonPath, maxSelected } from "../../src/message/json-path.js";
import { mistakeOf, succeedsOrRefuses } from "./mistake.js";

const store: JsonValue = {
  op: "list",
  items: [
    { id: 1, price: 5, tags: ["new"], name: "pen" },
    { id: 2, price: 50, tags: [], name: "bag" },
    { id: 3, price: 500, name: "bike" },
  ],
  limit: 40,
  empty: null,
};

/** Paths that reach into random values made of the names a to c. */
const paths = [
  "$",
  "$.a",
  "$.a.b",
  "$['a']['b']",
  "$[0]",
  "$[-1]",
  "$.a[1]",
  "$.*",
  "$[*]",
  "$..a",
  "$..*",
  "$..[0]",
  "$..a..b",
  "$.a..*",
  "$[0,1]",
  "$['a','b','a']",
  "$[1:]",
  "$[:2]",
  "$[::2]",
  "$[::-1]",
  "$[-2:]",
  "$[2:0:-1]",
  "$[0:2:0]",
  "$[5:1:-2]",
  "$[?@.a]",
  "$[?!@.a]",
  "$..[?@.a == @.b]",
  "$..[?@.a != $.a]",
  "$[?@.a > 1]",
  "$[?@.a >= @.b]",
  "$[?@.a < 'm']",
  "$[?@.a <= null]",
  "$[?@ == true]",
  "$[?@.a && @.b]",
  "$[?@.a || (@.b && !@.c)]",
  "$[?count(@.*) > 1]",
  "$[?count(@..a) == 1]",
  "$[?length(@) >= 2]",
  "$[?length(@.a) == length(@.b)]",
  "$[?value(@..a) == 1]",
  "$[?@[?@.a]]",
];

describe("compileJsonPath", () => {
  test.each([
    ["$.op", ["list"]],
    ["$.items[0].id", [1]],
    ["$.items[-1].id", [3]],
    ["$.items[*].id", [1, 2, 3]],
    ["$.items[?@.price > 10].name", ["bag", "bike"]],
    ["$.items[?@.price > $.limit].id", [2, 3]],
    ["$.items[?search(@.name, '^b')].id", [2, 3]],
    ["$.items[?match(@.name, 'b.g')].id", [2]],
    ["$.items[?match(@.name, 'b')].id", []],
    ["$..id", [1, 2, 3]],
    ["$.empty", [null]],
    ["$.missing.deeper", []],
    ["$.op.length", []],
    ["$.items.length", []],
  ])("%s", (path, expected) => {
    const compiled = compileJsonPath(path);
    expect(compiled.select(store)).toEqual(expected);
    expect(compiled.first(store)).toEqual(expected[0]);
  });

  test("tells an empty object from an empty list", () => {
    expect(compileJsonPath("$[?@ == $[0]]").select([{}, [], {}])).toEqual([{}, {}]);
  });

  test("counts characters, not UTF-16 units, in length()", () => {
    expect(compileJsonPath("$[?length(@) == 1]").select(["🙂", "ab"])).toEqual(["🙂"]);
  });

  test("agrees with the library's own evaluation on small values", () => {
    const environment = new JSONPathEnvironment();
    const name = fc.constantFrom("a", "b", "c");
    const leaf = fc.oneof(fc.boolean(), fc.integer({ min: 0, max: 2 }), name, fc.constant(null));
    const { value } = fc.letrec<{ value: JsonValue }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 4, depthSize: "small" },
        leaf,
        fc.array(tie("value"), { maxLength: 4 }),
        // Never empty: the library takes {} and [] for equal.
        fc.dictionary(name, tie("value"), { minKeys: 1, maxKeys: 3, noNullPrototype: true }),
      ),
    }));
    const both = paths.map((path) => ({
      path,
      ours: compileJsonPath(path),
      theirs: environment.compile(path),
    }));
    fc.assert(
      fc.property(value, (root) => {
        for (const { path, ours, theirs } of both) {
          const expected = theirs.query(root as JSONValue).values();
          expect(ours.select(root), path).toEqual(expected);
        }
      }),
    );
  });

  test.each(["__proto__", "constructor", "toString", "hasOwnProperty"])(
    "does not see %s on a prototype",
    (name) => {
      expect(compileJsonPath(`$.${name}`).select({})).toEqual([]);
      expect(compileJsonPath(`$..${name}`).select([{}, [], "x"])).toEqual([]);
      expect(compileJsonPath(`$.${name}`).select(JSON.parse(`{"${name}":1}`) as JsonValue)).toEqual(
        [1],
      );
    },
  );

  test("goes down 10^5 levels without a stack", () => {
    const deep = JSON.parse(`${"[".repeat(100_000)}7${"]".repeat(100_000)}`) as JsonValue;
    expect(compileJsonPath("$..[?@ == 7]").select(deep)).toEqual([7]);
    expect(compileJsonPath("$[?@ == $[0]]").select(deep)).toHaveLength(1);
  });

  test("gives the first values of very many", () => {
    const many = Array.from({ length: maxSelected * 3 }, (_, index) => index);
    const found = compileJsonPath("$[*]").select(many);
    expect(found).toHaveLength(maxSelected);
    expect(found?.[maxSelected - 1]).toBe(maxSelected - 1);
  });

  test("gives a search up rather than running on", () => {
    const wide = Array.from({ length: 1500 }, () => Array.from({ length: 1500 }, () => 0));
    expect(compileJsonPath("$..nothing").select(wide)).toBeUndefined();
    expect(compileJsonPath("$[?count(@.*) < 0]").select(wide)).toBeUndefined();
    const chain = JSON.parse("[".repeat(5000) + "]".repeat(5000)) as JsonValue;
    expect(compileJsonPath("$..*..*..x").select(chain)).toBeUndefined();
  });

  test("is not slowed down by a pattern that would take JavaScript for ever", () => {
    const value = ["a".repeat(50_000)];
    expect(compileJsonPath("$[?search(@, '(a+)+$b')]").select(value)).toEqual([]);
  });

  test.each([
    ["", "not a JSONPath"],
    ["op", "not a JSONPath"],
    ["$.", "not a JSONPath"],
    ["$[", "not a JSONPath"],
    ["$['a]", "not a JSONPath"],
    ["$[?@.a = 1]", "not a JSONPath"],
    ["$[?length(@)]", "must be compared"],
    ["$[?nothing(@)]", "no such function"],
    ["$[?match(@.a, @.b)]", "must be written in the path"],
    ["$[?search(@.a, '(')]", "not a regular expression"],
    ["$[?count($..a) > 1]", "again and again"],
    [`$[?${"(".repeat(1000)}@.a${")".repeat(1000)}]`, ""],
    [`$${".a".repeat(5000)}`, "longer than"],
  ])("refuses %.30j", (path, why) => {
    if (why === "") expect(succeedsOrRefuses(() => compileJsonPath(path))).toBe(true);
    else expect(mistakeOf(() => compileJsonPath(path))).toContain(why);
  });

  test("never throws anything but a mistake, whatever is written", () => {
    const token = fc.constantFrom(
      ..."$ @ . .. [ ] ( ) ? * : , ' \" a -1 0 == < && ! ~ # \\u".split(" "),
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(token).map((all) => `$${all.join("")}`),
        ),
        (path) => succeedsOrRefuses(() => compileJsonPath(path).select(store)),
      ),
      { numRuns: 1000 },
    );
  });
});
