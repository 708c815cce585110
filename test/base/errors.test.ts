/** Shows what an error of the library carries. */
import { expect, test } from "vitest";
import { errorCodes, messageOf, WsctlError } from "../../src/base/errors.js";

test("an error carries its code, a hint, where it happened and its cause", () => {
  const cause = new Error("below");
  const error = new WsctlError("WSCTL_EDNS", "no such host", { hint: "look", where: ["a"], cause });
  expect(error).toBeInstanceOf(Error);
  expect(error.name).toBe("WsctlError");
  expect(error.message).toBe("no such host");
  expect([error.code, error.hint, error.where, error.cause]).toEqual([
    "WSCTL_EDNS",
    "look",
    ["a"],
    cause,
  ]);
});

test("what is not known is left out", () => {
  const error = new WsctlError("WSCTL_EUSAGE", "wrong");
  expect(error.hint).toBeUndefined();
  expect(error.where).toEqual([]);
  expect("cause" in error).toBe(false);
});

test("every code says what it stands for", () => {
  for (const [code, meaning] of Object.entries(errorCodes)) {
    expect(code).toMatch(/^WSCTL_E[A-Z]+$/);
    expect(meaning.length).toBeGreaterThan(10);
  }
});

test("anything that is thrown has a message", () => {
  expect(messageOf(new TypeError("wrong type"))).toBe("wrong type");
  expect(messageOf("just text")).toBe("just text");
  expect(messageOf(undefined)).toBe("undefined");
});
