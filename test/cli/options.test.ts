/** Shows how the values of flags are read. */
import { describe, expect, test } from "vitest";
import { parseCount } from "../../src/base/quantity.js";
import { checked, checkedBy, collect, parsePort } from "../../src/cli/options.js";

test("a flag that may be repeated keeps the order", () => {
  expect(collect("b", collect("a", undefined))).toEqual(["a", "b"]);
});

test("a quantity is kept as text, or as what it means; a wrong one is refused with a hint", () => {
  expect(checkedBy(parseCount)("10k")).toBe("10k");
  expect(checked(parseCount)("10k")).toBe(10_000);
  expect(() => checked(parseCount)("many")).toThrow(/"many" is not a whole number; write it like/);
});

describe("a port", () => {
  test.each([
    ["0", 0],
    ["8080", 8080],
    ["65535", 65_535],
  ])("%s", (text, port) => {
    expect(parsePort(text)).toBe(port);
  });

  test.each(["65536", "-1", "1.5", "", "http"])("is not %j", (text) => {
    expect(() => parsePort(text)).toThrow(/from 0 to 65535/);
  });
});
