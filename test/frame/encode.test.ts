import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  encodeFrame,
  frameSize,
  writeFrame,
  writeFrameHeader,
  type OutgoingFrame,
} from "../../src/frame/encode.js";
import { Opcode } from "../../src/frame/opcode.js";
import { anyMask, feedCut, frameRecorder, hex } from "./recorder.js";

const hello = Buffer.from("Hello");
const key = 0x37fa213d;

describe("the examples of RFC 6455 §5.7", () => {
  const cases: [string, OutgoingFrame, Buffer, string][] = [
    ["unmasked text", { opcode: Opcode.text }, hello, "81 05 48 65 6c 6c 6f"],
    ["masked text", { opcode: 1, mask: key }, hello, "81 85 37 fa 21 3d 7f 9f 4d 51 58"],
    ["first fragment", { opcode: 1, fin: false }, Buffer.from("Hel"), "01 03 48 65 6c"],
    ["last fragment", { opcode: 0, fin: true }, Buffer.from("lo"), "80 02 6c 6f"],
    ["unmasked ping", { opcode: Opcode.ping }, hello, "89 05 48 65 6c 6c 6f"],
    ["masked pong", { opcode: Opcode.pong, mask: key }, hello, "8a 85 37 fa 21 3d 7f 9f 4d 51 58"],
  ];
  test.each(cases)("%s", (_name, frame, payload, expected) => {
    expect(encodeFrame(frame, payload)).toEqual(hex(expected));
  });

  test("256 bytes and 64 KiB of binary", () => {
    const small = encodeFrame({ opcode: Opcode.binary }, Buffer.alloc(256, 1));
    expect(small.subarray(0, 4)).toEqual(hex("82 7e 01 00"));
    expect(small).toHaveLength(260);
    const large = encodeFrame({ opcode: Opcode.binary }, Buffer.alloc(65_536, 1));
    expect(large.subarray(0, 10)).toEqual(hex("82 7f 00 00 00 00 00 01 00 00"));
    expect(large).toHaveLength(65_546);
  });
});

describe("lengths", () => {
  const boundaries: [number, string][] = [
    [0, "82 00"],
    [1, "82 01"],
    [125, "82 7d"],
    [126, "82 7e 00 7e"],
    [127, "82 7e 00 7f"],
    [65_535, "82 7e ff ff"],
    [65_536, "82 7f 00 00 00 00 00 01 00 00"],
    [0xffff_ffff, "82 7f 00 00 00 00 ff ff ff ff"],
    [0x1_0000_0000, "82 7f 00 00 00 01 00 00 00 00"],
    [0x1_8000_0001, "82 7f 00 00 00 01 80 00 00 01"],
    [Number.MAX_SAFE_INTEGER, "82 7f 00 1f ff ff ff ff ff ff"],
  ];
  test.each(boundaries)("the header of %d bytes", (length, expected) => {
    const target = Buffer.alloc(14);
    const end = writeFrameHeader(target, 0, { opcode: Opcode.binary }, length);
    expect(target.subarray(0, end)).toEqual(hex(expected));
    expect(frameSize(length, false)).toBe(end + length);
    const masked = writeFrameHeader(target, 0, { opcode: Opcode.binary, mask: key }, length);
    expect(masked).toBe(end + 4);
    expect(target[1]).toBe(hex(expected)[1]! | 0x80);
    expect(target.readUInt32BE(end)).toBe(key);
  });

  test.each([-1, 1.5, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY])("%d is refused", (length) => {
    expect(() => writeFrameHeader(Buffer.alloc(14), 0, { opcode: 2 }, length)).toThrow(RangeError);
  });
});

test("a key of zero is still a mask", () => {
  expect(encodeFrame({ opcode: 1, mask: 0 }, hello)).toEqual(
    hex("81 85 00 00 00 00 48 65 6c 6c 6f"),
  );
});

test("broken frames can be written on purpose", () => {
  expect(encodeFrame({ opcode: 0xf, rsv: 7, fin: false }, hex(""))).toEqual(hex("7f 00"));
  expect(encodeFrame({ opcode: Opcode.text, rsv: 4 }, hex(""))).toEqual(hex("c1 00"));
  expect(encodeFrame({ opcode: 0x18, rsv: 8 }, hex(""))).toEqual(hex("88 00"));
});

test("a target without room is refused instead of torn", () => {
  const target = Buffer.alloc(11);
  expect(writeFrame(target, 0, { opcode: 1, mask: key }, hello)).toBe(11);
  target.fill(0);
  expect(() => writeFrame(target, 1, { opcode: 1, mask: key }, hello)).toThrow(RangeError);
  expect(() => writeFrame(target, -1, { opcode: 1 }, hello)).toThrow(RangeError);
  expect(() => writeFrameHeader(target, 6, { opcode: 1, mask: key }, 5)).toThrow(RangeError);
  expect(target.equals(Buffer.alloc(11))).toBe(true);
});

test("what is written is read again, at any offset, and the payload stays as it was", () => {
  const anyFrame = fc.record({
    opcode: fc.constantFrom(0, 1, 2),
    fin: fc.boolean(),
    mask: fc.option(anyMask, { nil: undefined }),
  });
  const anyPayload = fc.uint8Array({ maxLength: 300, size: "max" });
  fc.assert(
    fc.property(anyFrame, anyPayload, fc.nat(20), (frame, payload, offset) => {
      const before = Buffer.from(payload);
      const size = frameSize(payload.length, frame.mask !== undefined);
      const target = Buffer.alloc(offset + size + 5, 0xaa);
      const end = writeFrame(target, offset, frame, payload);
      expect(end).toBe(offset + size);
      expect(before.equals(payload)).toBe(true);
      expect(target.subarray(0, offset).every((byte) => byte === 0xaa)).toBe(true);
      expect(target.subarray(end).every((byte) => byte === 0xaa)).toBe(true);
      const role = frame.mask === undefined ? "client" : "server";
      const { reader, frames } = frameRecorder({ role });
      feedCut(reader, target.subarray(offset, end));
      expect(frames).toEqual([
        {
          opcode: frame.opcode,
          fin: frame.fin,
          rsv: 0,
          masked: frame.mask !== undefined,
          mask: frame.mask ?? 0,
          length: payload.length,
          wire: size,
          payload: before.toString("hex"),
          ended: true,
        },
      ]);
    }),
  );
});
