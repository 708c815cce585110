import { describe, expect, test } from "vitest";
import { compileCapture } from "../../src/message/capture.js";
import type { CaptureSpec } from "../../src/message/capture.js";
import { mistakeOf } from "./mistake.js";
import { binary, json, text } from "./views.js";

describe("compileCapture", () => {
  test.each<[CaptureSpec, unknown, unknown]>([
    [{ json: "$.session", as: "session" }, { session: "s1" }, "s1"],
    [{ json: "$.n", as: "n" }, { n: 0 }, 0],
    [{ json: "$.nil", as: "n" }, { nil: null }, null],
    [{ json: "$.user", as: "user" }, { user: { id: 1 } }, { id: 1 }],
    [{ json: "$..id", as: "id" }, [{ id: 3 }, { id: 4 }], 3],
    [{ json: "$.none", as: "x" }, { n: 0 }, undefined],
    [{ json: "$.constructor", as: "x" }, {}, undefined],
  ])("%j", (spec, value, expected) => {
    const capture = compileCapture(spec);
    expect(capture.name).toBe(spec.as);
    expect(capture.read(json(value))).toEqual(expected);
  });

  test.each<[CaptureSpec, string, string | undefined]>([
    [{ matches: "id=([0-9]+)", as: "id" }, "x id=42;", "42"],
    [{ matches: "id=(?<number>[0-9]+)", group: "number", as: "id" }, "id=42", "42"],
    [{ matches: "id=[0-9]+", group: 0, as: "id" }, "x id=42;", "id=42"],
    [{ matches: "(a)|(b)", group: 2, as: "x" }, "a", undefined],
    [{ matches: "id=([0-9]+)", as: "id" }, "nothing", undefined],
    [{ matches: "()", as: "x" }, "a", ""],
  ])("%j of %j", (spec, payload, expected) => {
    expect(compileCapture(spec).read(text(payload))).toBe(expected);
  });

  test("finds nothing in what is neither JSON nor text", () => {
    expect(compileCapture({ json: "$", as: "x" }).read(binary("ff"))).toBeUndefined();
    expect(compileCapture({ matches: "(.)", as: "x" }).read(binary("ff"))).toBeUndefined();
  });

  test("takes one of several matches in linear time", () => {
    const capture = compileCapture({ matches: "(a*)*b", as: "x" });
    expect(capture.read(text("a".repeat(20_000)))).toBeUndefined();
  });

  test.each([
    [{}, "one of json and matches"],
    [null, "expected json and as"],
    [{ json: "$.a", matches: "(a)", as: "x" }, "one of json and matches"],
    [{ json: "$.a" }, "cannot be a variable"],
    [{ json: "a", as: "x" }, "not a JSONPath"],
    [{ json: 1, as: "x" }, "as text"],
    [{ json: "$.a", as: "1x" }, "cannot be a variable"],
    [{ json: "$.a", as: "a.b" }, "cannot be a variable"],
    [{ json: "$.a", as: "$uuid" }, "cannot be a variable"],
    [{ json: "$.a", as: "__proto__" }, "cannot be a variable"],
    [{ json: "$.a", as: "constructor" }, "cannot be a variable"],
    [{ json: "$.a", as: "x", grup: 1 }, "did you mean group?"],
    [{ json: "$.a", as: "x", group: 1 }, "group goes with matches"],
    [{ matches: "a", as: "x" }, "has no group 1"],
    [{ matches: "(a)", group: 2, as: "x" }, "has no group 2"],
    [{ matches: "(a)", group: "toString", as: "x" }, "has no group toString"],
    [{ matches: "(", as: "x" }, "not a regular expression"],
    [{ matches: 5, as: "x" }, "as text"],
  ])("refuses %j", (spec, why) => {
    expect(mistakeOf(() => compileCapture(spec as CaptureSpec))).toContain(why);
  });
});
