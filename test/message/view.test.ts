import { describe, expect, test } from "vitest";
import { binary, control, json, text } from "./views.js";

describe("MessageView", () => {
  test.each([
    ['{"a":1}', { a: 1 }],
    [" \r\n\t[1]", [1]],
    ["null", null],
    ["0", 0],
    ['"x"', "x"],
    ["-1e3", -1000],
    ["false", false],
    ["hello", undefined],
    ["", undefined],
    ["   ", undefined],
    ["{", undefined],
    ["nul", undefined],
    ["NaN", undefined],
    ["\ufeff{}", undefined],
  ])("JSON of %j", (payload, expected) => {
    expect(text(payload).json).toEqual(expected);
  });

  test("decodes once: the same object each time", () => {
    const view = json({ a: [1] });
    expect(view.json).toBe(view.json);
  });

  test("reads text and JSON out of binary messages that are UTF-8", () => {
    const view = binary(Buffer.from('{"é":1}').toString("hex"));
    expect(view.text).toBe('{"é":1}');
    expect(view.json).toEqual({ é: 1 });
  });

  test("has no text when the bytes are not UTF-8", () => {
    const view = binary("c328");
    expect(view.text).toBeUndefined();
    expect(view.json).toBeUndefined();
  });

  test("takes the reason of a close frame for its text", () => {
    expect(control("close", "\x03\xe8bye").text).toBe("bye");
    expect(control("close", "").text).toBe("");
    expect(control("close", "\x03").text).toBe("");
  });

  test("survives 10^5 open brackets, closed or not", () => {
    expect(text("[".repeat(100_000)).json).toBeUndefined();
    const closed = text("[".repeat(100_000) + "]".repeat(100_000));
    expect(() => closed.json).not.toThrow();
  });

  test("keeps __proto__ as an ordinary key", () => {
    const value = text('{"__proto__":{"polluted":1}}').json as object;
    expect(Object.hasOwn(value, "__proto__")).toBe(true);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });
});
