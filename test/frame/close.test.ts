import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { WsctlError } from "../../src/base/errors.js";
import {
  closeCodes,
  describeCloseCode,
  encodeClosePayload,
  isValidCloseCode,
  parseClosePayload,
  type CloseStatus,
} from "../../src/frame/close.js";
import { hex, violationOf } from "./recorder.js";

function parse(payload: Buffer): CloseStatus {
  return parseClosePayload(payload, 0, payload.length);
}

describe("close codes", () => {
  test.each([1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014])(
    "%d may be sent",
    (code) => expect(isValidCloseCode(code)).toBe(true),
  );
  test.each([3000, 3999, 4000, 4999])("%d may be sent", (code) => {
    expect(isValidCloseCode(code)).toBe(true);
  });
  test.each([0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535, 1000.5, -1])(
    "%d must not be sent",
    (code) => expect(isValidCloseCode(code)).toBe(false),
  );

  test("the table has all of 1000–1015 once, each with a name and a meaning", () => {
    expect(closeCodes.map(({ code }) => code)).toEqual(
      Array.from({ length: 16 }, (_, index) => 1000 + index),
    );
    expect(closeCodes.every(({ name, meaning }) => name !== "" && meaning !== "")).toBe(true);
    expect(new Set(closeCodes.map(({ name }) => name)).size).toBe(16);
  });

  test.each([
    [1001, "Going Away: "],
    [1006, "Abnormal Closure: "],
    [1013, "Try Again Later: "],
    [2500, "reserved"],
    [3500, "registered"],
    [4500, "private use"],
    [999, "not a close code"],
    [5000, "not a close code"],
  ])("%d is described", (code, text) => expect(describeCloseCode(code)).toContain(text));
});

describe("writing the payload", () => {
  test("empty, a code, a code with a reason", () => {
    expect(encodeClosePayload()).toHaveLength(0);
    expect(encodeClosePayload(1000)).toEqual(hex("03 e8"));
    expect(encodeClosePayload(4001, "späť")).toEqual(hex("0f a1 73 70 c3 a4 c5 a5"));
  });

  test("exactly 123 bytes of reason fit", () => {
    expect(encodeClosePayload(1000, "x".repeat(123))).toHaveLength(125);
    expect(encodeClosePayload(1000, "ä".repeat(61))).toHaveLength(124);
  });

  test.each<[string, number | undefined, string]>([
    ["a reason of 124 bytes", 1000, "x".repeat(124)],
    ["a reason of 62 two-byte characters", 1000, "ä".repeat(62)],
    ["a reason without a code", undefined, "bye"],
    ["a code that is only reported locally", 1006, ""],
    ["a code of no range", 42, ""],
    ["a code that is no number", Number.NaN, ""],
  ])("%s is refused", (_name, code, reason) => {
    let thrown: unknown;
    try {
      encodeClosePayload(code, reason);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(WsctlError);
    expect(thrown).toMatchObject({ code: "WSCTL_EPROTOCOL" });
    expect((thrown as WsctlError).hint).toBeTruthy();
  });
});

describe("reading the payload", () => {
  test("an empty one says 1005", () => {
    expect(parse(hex(""))).toEqual({ code: 1005, reason: "" });
  });

  test("only the range given is read", () => {
    expect(parseClosePayload(hex("ff 03 e9 6f 6b ff"), 1, 5)).toEqual({ code: 1001, reason: "ok" });
  });

  test.each<[string, string, number, string]>([
    ["one byte", "03", 1002, "5.5.1"],
    ["1005 on the wire", "03 ed", 1002, "7.4"],
    ["1006 on the wire", "03 ee", 1002, "7.4"],
    ["code 0", "00 00", 1002, "7.4"],
    ["code 65535", "ff ff", 1002, "7.4"],
    ["a reason with a surrogate", "03 e8 ed a0 80", 1007, "5.5.1"],
    ["a reason that is cut off", "03 e8 41 c3", 1007, "5.5.1"],
  ])("%s is a violation", (_name, payload, closeCode, section) => {
    const violation = violationOf(() => parse(hex(payload)));
    expect(violation.closeCode).toBe(closeCode);
    expect(violation.section).toBe(`RFC 6455 §${section}`);
  });

  test("what is written is read again", () => {
    const anyCode = fc.integer({ min: 0, max: 65_535 }).filter(isValidCloseCode);
    const anyReason = fc
      .string({ unit: "binary", maxLength: 60, size: "max" })
      .filter((reason) => Buffer.byteLength(reason) <= 123);
    fc.assert(
      fc.property(anyCode, anyReason, (code, reason) => {
        expect(parse(encodeClosePayload(code, reason))).toEqual({ code, reason });
      }),
    );
  });
});
