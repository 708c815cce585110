/** Shows that uniqueItems means what JSON Schema says, and that no message makes it slow. */
import { Ajv } from "ajv";
import { expect, test } from "vitest";
import { withLinearUniqueItems } from "../../../src/serve/guards/unique-items.js";

const validate = withLinearUniqueItems(new Ajv({ strict: false })).compile({ uniqueItems: true });

test.each<[unknown, boolean]>([
  [[], true],
  [[1, 2, "1"], true],
  [[1, 1], false],
  [
    [
      { a: 1, b: 2 },
      { b: 2, a: 1 },
    ],
    false,
  ],
  [[{ a: { c: 1, b: 2 } }, { a: { b: 2, c: 1 } }], false],
  [
    [
      [1, 2],
      [2, 1],
    ],
    true,
  ],
  [[null, false, 0, ""], true],
  ["not an array", true],
])("%j is %s", (value, isValid) => {
  expect(validate(value)).toBe(isValid);
});

test("it is off where it says false", () => {
  const off = withLinearUniqueItems(new Ajv()).compile({ type: "array", uniqueItems: false });
  expect(off([1, 1])).toBe(true);
});

test("half a million items are looked at once each, and what is nested too deeply fails", () => {
  expect(validate(Array.from({ length: 500_000 }, (_, i) => i))).toBe(true);
  let deep: unknown = 1;
  for (let i = 0; i < 200_000; i++) deep = [deep];
  expect(validate([deep, 2])).toBe(false);
});
