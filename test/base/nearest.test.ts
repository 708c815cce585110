import { describe, expect, test } from "vitest";
import { nearest } from "../../src/base/nearest.js";

describe("nearest", () => {
  test.each([
    ["equal", "equals"],
    ["opcdoe", "opcode"],
    ["JSON", "json"],
    ["matchs", "matches"],
    ["bin", undefined],
    ["something else", undefined],
    ["", undefined],
  ])("%s → %s", (wanted, expected) => {
    expect(nearest(wanted, ["json", "equals", "matches", "binary", "opcode"])).toBe(expected);
  });

  test("does not compare what no one typed", () => {
    expect(nearest("a".repeat(1_000_000), ["a".repeat(1_000_001)])).toBeUndefined();
  });

  test("has nothing to offer when there are no names", () => {
    expect(nearest("x", [])).toBeUndefined();
  });
});
