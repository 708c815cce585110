import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  isValidUtf8,
  utf8Accept,
  utf8FaultAt,
  utf8Reject,
  utf8Step,
} from "../../src/frame/utf8.js";
import { hex } from "./recorder.js";

function decodes(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** The state after each byte. */
function states(bytes: Uint8Array): number[] {
  const seen: number[] = [];
  let state = utf8Accept;
  for (let at = 0; at < bytes.length; at++) {
    state = utf8Step(state, bytes, at, at + 1);
    seen.push(state);
  }
  return seen;
}

const valid: [string, string][] = [
  ["nothing", ""],
  ["ASCII with NUL and DEL", "00 41 7f"],
  ["Greek", "ce ba e1 bd b9 cf 83 ce bc ce b5"],
  ["first and last of 2 bytes", "c2 80 df bf"],
  ["first and last of 3 bytes", "e0 a0 80 ef bf bf"],
  ["around the surrogates", "ed 9f bf ee 80 80"],
  ["first and last of 4 bytes", "f0 90 80 80 f4 8f bf bf"],
  ["byte order mark and noncharacters", "ef bb bf ef bf be f0 9f bf be"],
  ["emoji", "f0 9f 98 80"],
];

// The index at which it must be refused, or undefined when it is only cut off.
const invalid: [string, string, number | undefined][] = [
  ["a continuation byte alone", "41 80", 1],
  ["the last continuation byte alone", "bf", 0],
  ["overlong slash, 2 bytes", "c0 af", 0],
  ["overlong 0x7f", "c1 bf", 0],
  ["overlong slash, 3 bytes", "e0 80 af", 1],
  ["last overlong of 3 bytes", "e0 9f bf", 1],
  ["overlong slash, 4 bytes", "f0 80 80 af", 1],
  ["last overlong of 4 bytes", "f0 8f bf bf", 1],
  ["first high surrogate", "ed a0 80", 1],
  ["last low surrogate", "ed bf bf", 1],
  ["a surrogate pair (CESU-8)", "ed a0 bd ed b8 80", 1],
  ["U+110000", "f4 90 80 80", 1],
  ["above U+13FFFF", "f5 80 80 80", 0],
  ["five bytes", "f8 88 80 80 80", 0],
  ["0xfe", "61 62 fe", 2],
  ["0xff", "ff", 0],
  ["ASCII where a continuation belongs", "e2 82 41", 2],
  ["a lead where a continuation belongs", "c3 c3 a9", 1],
  ["Greek, then a surrogate, then more", "ce ba e1 bd b9 ed a0 80 65 64 69 74", 6],
  ["cut after 1 of 2", "c3", undefined],
  ["cut after 2 of 3", "e2 82", undefined],
  ["cut after 3 of 4", "f0 9f 98", undefined],
];

describe("the corpus", () => {
  // Long enough, with the padding, for the part that native code checks.
  const paddings = [0, 94, 95, 96, 97, 98, 200];

  test.each(valid)("valid: %s", (_name, text) => {
    for (const padding of paddings) {
      const bytes = Buffer.concat([Buffer.alloc(padding, "a"), hex(text)]);
      expect(isValidUtf8(bytes, 0, bytes.length)).toBe(true);
      expect(utf8Step(utf8Accept, bytes, 0, bytes.length)).toBe(utf8Accept);
      expect(states(bytes)).not.toContain(utf8Reject);
      expect(utf8FaultAt(utf8Accept, bytes, 0, bytes.length)).toBe(bytes.length);
    }
  });

  test.each(invalid)("invalid: %s", (_name, text, faultAt) => {
    for (const padding of paddings) {
      const bytes = Buffer.concat([Buffer.alloc(padding, "a"), hex(text)]);
      expect(isValidUtf8(bytes, 0, bytes.length)).toBe(false);
      const fault = states(bytes).indexOf(utf8Reject);
      expect(fault).toBe(faultAt === undefined ? -1 : padding + faultAt);
      expect(utf8FaultAt(utf8Accept, bytes, 0, bytes.length)).toBe(
        fault === -1 ? bytes.length : fault,
      );
      const state = utf8Step(utf8Accept, bytes, 0, bytes.length);
      if (faultAt === undefined) {
        expect(state).not.toBe(utf8Accept);
        expect(state).not.toBe(utf8Reject);
      } else {
        expect(state).toBe(utf8Reject);
      }
    }
  });
});

test("every code point is accepted and every surrogate refused", () => {
  const bytes = Buffer.alloc(4);
  let wrong = 0;
  for (let point = 0; point <= 0x10ffff; point += point < 0x1_0000 ? 1 : 37) {
    const surrogate = point >= 0xd800 && point <= 0xdfff;
    let size: number;
    if (surrogate) {
      bytes[0] = 0xe0 | (point >>> 12);
      bytes[1] = 0x80 | ((point >>> 6) & 0x3f);
      bytes[2] = 0x80 | (point & 0x3f);
      size = 3;
    } else {
      size = bytes.write(String.fromCodePoint(point));
    }
    if ((utf8Step(utf8Accept, bytes, 0, size) === utf8Accept) === surrogate) wrong++;
    if (isValidUtf8(bytes, 0, size) === surrogate) wrong++;
  }
  expect(wrong).toBe(0);
});

test("every sequence of two bytes is judged as TextDecoder judges it", () => {
  const wrong: string[] = [];
  const bytes = Buffer.alloc(2);
  for (let pair = 0; pair < 0x1_0000; pair++) {
    bytes.writeUInt16BE(pair);
    const expected = decodes(bytes);
    if ((utf8Step(utf8Accept, bytes, 0, 2) === utf8Accept) !== expected) {
      wrong.push(bytes.toString("hex"));
    }
  }
  expect(wrong).toEqual([]);
});

test("a long text may be cut anywhere, inside its characters too", () => {
  const bytes = Buffer.from("aé€😀".repeat(40));
  for (let cut = 0; cut <= bytes.length; cut++) {
    const state = utf8Step(utf8Accept, bytes, 0, cut);
    expect(state).not.toBe(utf8Reject);
    expect(utf8Step(state, bytes, cut, bytes.length)).toBe(utf8Accept);
  }
});

test("once refused, always refused", () => {
  expect(utf8Step(utf8Reject, Buffer.from("fine"), 0, 4)).toBe(utf8Reject);
  expect(utf8Step(utf8Reject, Buffer.alloc(500, "a"), 0, 500)).toBe(utf8Reject);
});

// Bytes that are often nearly UTF-8: text, boundaries and noise, put together.
const piece = fc.oneof(
  fc.string({ unit: "binary", maxLength: 150, size: "max" }).map((text) => Buffer.from(text)),
  fc.constantFrom(...[...valid, ...invalid].map(([, text]) => hex(text))),
  fc.uint8Array({ maxLength: 6 }),
);
const nearlyUtf8 = fc
  .array(piece, { maxLength: 6 })
  .map((pieces) => new Uint8Array(Buffer.concat(pieces)));

test("random bytes: TextDecoder, the whole and any split agree, and no byte is refused late", () => {
  fc.assert(
    fc.property(nearlyUtf8, fc.array(fc.nat(900), { maxLength: 5 }), (bytes, cuts) => {
      const { length } = bytes;
      const expected = decodes(bytes);
      expect(isValidUtf8(bytes, 0, length)).toBe(expected);
      const edges = [0, ...cuts.map((cut) => cut % (length + 1)), length].sort((a, b) => a - b);
      let state = utf8Accept;
      for (let index = 1; index < edges.length; index++) {
        state = utf8Step(state, bytes, edges[index - 1]!, edges[index]!);
      }
      expect(state === utf8Accept).toBe(expected);
      // The state is the same however the bytes were cut.
      expect(state).toBe(states(bytes).at(-1) ?? utf8Accept);
      // Whatever is not refused can still become valid: fail-fast and never too fast.
      const fault = utf8FaultAt(utf8Accept, bytes, 0, length);
      const good = Buffer.from(bytes.subarray(0, fault));
      const endings = ["", "80", "8080", "808080", "a0", "a080", "90", "9080", "908080"];
      expect(endings.some((ending) => decodes(Buffer.concat([good, hex(ending)])))).toBe(true);
    }),
    { numRuns: 300 },
  );
});

test("only the range given is looked at", () => {
  const bytes = hex("ff c3 a9 ff");
  expect(isValidUtf8(bytes, 1, 3)).toBe(true);
  expect(utf8Step(utf8Accept, bytes, 1, 3)).toBe(utf8Accept);
});
