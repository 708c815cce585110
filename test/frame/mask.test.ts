import * as fc from "fast-check";
import { expect, test } from "vitest";
import { applyMask, copyMasked, turnMask } from "../../src/frame/mask.js";
import { anyMask, hex } from "./recorder.js";

/** RFC 6455 §5.3, word for word. */
function masked(payload: Uint8Array, mask: number, phase: number): Uint8Array {
  const key = Buffer.alloc(4);
  key.writeUInt32BE(mask);
  return payload.map((byte, index) => byte ^ key[(index + phase) % 4]!);
}

const anyBytes = fc.uint8Array({ maxLength: 70, size: "max" });

test("the example of RFC 6455 §5.7", () => {
  const bytes = Buffer.from("Hello");
  applyMask(bytes, 0, 5, 0x37fa213d, 0);
  expect(bytes).toEqual(hex("7f 9f 4d 51 58"));
});

test("every phase and alignment gives what the RFC's formula gives, and touches nothing else", () => {
  fc.assert(
    fc.property(anyBytes, anyMask, fc.nat(3), fc.nat(9), (bytes, mask, phase, offset) => {
      const buf = new Uint8Array(offset + bytes.length + 6).fill(0x55);
      buf.set(bytes, offset);
      applyMask(buf, offset, offset + bytes.length, mask, phase);
      const expected = new Uint8Array(buf.length).fill(0x55);
      expected.set(masked(bytes, mask, phase), offset);
      expect(buf).toEqual(expected);
    }),
  );
});

test("a key above 2^31 may be given signed or unsigned", () => {
  const one = Buffer.alloc(9, 7);
  const other = Buffer.alloc(9, 7);
  applyMask(one, 0, 9, 0xfedcba98, 3);
  applyMask(other, 0, 9, 0xfedcba98 | 0, 3);
  expect(one).toEqual(other);
});

test("copying masks the copy only", () => {
  fc.assert(
    fc.property(anyBytes, anyMask, fc.nat(9), (bytes, mask, offset) => {
      const before = bytes.slice();
      const target = new Uint8Array(offset + bytes.length + 6).fill(0x55);
      copyMasked(bytes, target, offset, mask);
      const expected = new Uint8Array(target.length).fill(0x55);
      expected.set(masked(bytes, mask, 0), offset);
      expect(target).toEqual(expected);
      expect(bytes).toEqual(before);
    }),
  );
});

test("a key turned by a cut fits the rest of the payload", () => {
  fc.assert(
    fc.property(anyBytes, anyMask, fc.nat(70), (bytes, mask, where) => {
      const cut = Math.min(where, bytes.length);
      const buf = bytes.slice();
      applyMask(buf, 0, cut, mask, 0);
      applyMask(buf, cut, buf.length, turnMask(mask, cut), 0);
      expect(buf).toEqual(masked(bytes, mask, 0));
    }),
  );
});
