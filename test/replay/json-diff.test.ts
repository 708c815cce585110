/** The difference of JSON values: nothing of what is the same, and just the place of what is not. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { JsonValue } from "../../src/message/json.js";
import { diffJson, mostChanges, pathOf } from "../../src/replay/json-diff.js";

const rules = { isSame: (left: JsonValue, right: JsonValue) => left === right };
const json = fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<JsonValue>;
const copy = (value: JsonValue): JsonValue => JSON.parse(JSON.stringify(value)) as JsonValue;

type Holder = Record<string | number, JsonValue>;

/** Every leaf: its holder and its path. */
function leaves(value: JsonValue, path: (string | number)[] = []): [Holder, (string | number)[]][] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, item]): [Holder, (string | number)[]][] => {
    const step = Array.isArray(value) ? Number(key) : key;
    const here = [...path, step];
    const isLeaf = typeof item !== "object" || item === null;
    return isLeaf ? [[value as Holder, here]] : leaves(item, here);
  });
}

describe("properties", () => {
  test("a value does not differ from itself, however its members are ordered", () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(diffJson(value, copy(value), rules)).toEqual([]);
        expect(diffJson(value, reversed(copy(value)), rules)).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });

  test("a leaf that was changed is the one difference, at its path", () => {
    fc.assert(
      fc.property(json, fc.nat(), (value, which) => {
        const changed = copy(value);
        const all = leaves(changed);
        fc.pre(all.length > 0);
        const [holder, path] = all[which % all.length]!;
        const step = path.at(-1)!;
        const before = holder[step]!;
        holder[step] = "something else altogether";
        fc.pre(before !== holder[step]);
        expect(diffJson(copy(value), changed, rules)).toEqual([
          { path: pathOf(path), recorded: before, received: "something else altogether" },
        ]);
      }),
      { numRuns: 200 },
    );
  });
});

function reversed(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return (value as JsonValue[]).map(reversed);
  if (typeof value !== "object" || value === null) return value;
  // __proto__ as a name of JSON.parse is a member like others; assigning it would not be.
  const entries = Object.entries(value).map(([key, item]) => [key, reversed(item)] as const);
  return Object.fromEntries(entries.toReversed());
}

describe("what people look for", () => {
  const paths = (left: JsonValue, right: JsonValue) =>
    diffJson(left, right, rules).map(({ path, recorded, received }) => [path, recorded, received]);

  test("members that came or went", () => {
    expect(paths({ a: 1, b: 2 }, { b: 2, c: 3 })).toEqual([
      ["$.a", 1, undefined],
      ["$.c", undefined, 3],
    ]);
  });

  test("an item put into an array is one difference", () => {
    expect(paths([1, 2, 3], [1, 9, 2, 3])).toEqual([["$[1]", undefined, 9]]);
    expect(paths({ a: [{ x: 1 }, { x: 2 }] }, { a: [{ x: 2 }] })).toEqual([
      ["$.a[0]", { x: 1 }, undefined],
    ]);
  });

  test("names that are no identifiers stand in quotes", () => {
    expect(paths({ "a b": { "it's": 1 } }, { "a b": { "it's": 2 } })).toEqual([
      ["$['a b']['it\\'s']", 1, 2],
    ]);
  });

  test("another kind of value", () => {
    expect(paths({ a: [] }, { a: {} })).toEqual([["$.a", [], {}]]);
    expect(paths({ a: null }, {})).toEqual([["$.a", null, undefined]]);
  });
});

describe("hostile values", () => {
  test("so many differences are told, and no more", () => {
    const left = Array.from({ length: 5000 }, (_, index) => index);
    expect(
      diffJson(
        left,
        left.map((one) => one + 1),
        rules,
      ),
    ).toHaveLength(mostChanges);
  });

  test("nesting overflows nothing", () => {
    const deep = (leaf: string) =>
      JSON.parse("[".repeat(5000) + leaf + "]".repeat(5000)) as JsonValue;
    expect(diffJson(deep("1"), deep("1"), rules)).toEqual([]);
    expect(diffJson(deep("1"), deep("2"), rules)).toHaveLength(1);
  });

  test("names of prototypes are names", () => {
    const left = JSON.parse('{"__proto__":1,"constructor":2}') as JsonValue;
    const right = JSON.parse('{"__proto__":1,"constructor":3}') as JsonValue;
    expect(diffJson(left, right, rules)).toEqual([
      { path: "$.constructor", recorded: 2, received: 3 },
    ]);
    expect(diffJson({}, { toString: 1 }, rules)).toHaveLength(1);
  });

  test("arrays of different lengths at every level do not take for ever", () => {
    const nest = (extra: boolean): JsonValue => {
      let value: JsonValue = [0];
      for (let depth = 0; depth < 300; depth++) value = extra ? [value, 1, 2] : [value, 1];
      return value;
    };
    expect(diffJson(nest(false), nest(true), rules).length).toBeGreaterThan(0);
  });
});
