/** Shows that frames of the proxy's own making are legal and say what they should. */
import { constants, inflateRawSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { applyMask } from "../../src/frame/mask.js";
import { Recoder } from "../../src/proxy/recoder.js";

interface Read {
  readonly opcode: number;
  readonly rsv1: boolean;
  readonly mask: number | undefined;
  readonly payload: Buffer;
}

/** Reads one frame by hand. */
function read(frame: Buffer): Read {
  const isMasked = frame[1]! >= 0x80;
  const marker = frame[1]! & 0x7f;
  let at = 2;
  let length = marker;
  if (marker === 126) {
    length = frame.readUInt16BE(2);
    at = 4;
  } else if (marker === 127) {
    length = Number(frame.readBigUInt64BE(2));
    at = 10;
  }
  const mask = isMasked ? frame.readUInt32BE(at) : undefined;
  if (isMasked) at += 4;
  expect(frame.length).toBe(at + length);
  expect(frame[0]! & 0x80).toBe(0x80);
  const payload = Buffer.from(frame.subarray(at));
  if (mask !== undefined) applyMask(payload, 0, payload.length, mask, 0);
  return { opcode: frame[0]! & 0x0f, rsv1: (frame[0]! & 0x40) !== 0, mask, payload };
}

function inflated(payload: Buffer, windowBits = 15): Buffer {
  const whole = Buffer.concat([payload, Buffer.from([0x00, 0x00, 0xff, 0xff])]);
  return inflateRawSync(whole, { windowBits, finishFlush: constants.Z_SYNC_FLUSH });
}

const text = Buffer.from("the same again, ".repeat(50));

test("frames to a client are not masked, those to a server by a fresh key each", () => {
  const toClient = new Recoder({ masked: false, windowBits: undefined });
  expect(read(toClient.message(1, text, false))).toMatchObject({ opcode: 1, mask: undefined });
  const toServer = new Recoder({ masked: true, windowBits: undefined });
  const keys = new Set<number>();
  for (let count = 0; count < 600; count++) {
    const { mask, payload } = read(toServer.message(2, text, false));
    expect(payload).toEqual(text);
    keys.add(mask!);
  }
  expect(keys.size).toBe(600);
});

describe("compression", () => {
  test.each([9, 10, 15])("with a window of %i bits can be read by one", (windowBits) => {
    const far = Buffer.concat([text, Buffer.alloc(5000, "x"), text]);
    const { rsv1, payload } = read(
      new Recoder({ masked: false, windowBits }).message(1, far, true),
    );
    expect(rsv1).toBe(true);
    expect(payload.length).toBeLessThan(far.length / 5);
    expect(inflated(payload, windowBits)).toEqual(far);
  });

  test("looks back to nothing that was said before", () => {
    const recoder = new Recoder({ masked: false, windowBits: 15 });
    const first = recoder.message(1, text, true);
    expect(recoder.message(1, text, true)).toEqual(first);
  });

  test.each([
    ["a window that zlib does not have", 8, text],
    ["what was not agreed", undefined, text],
    ["what would become longer", 15, Buffer.from("x")],
    ["nothing", 15, Buffer.alloc(0)],
  ])("is left out for %s", (_why, windowBits, payload) => {
    const found = read(new Recoder({ masked: true, windowBits }).message(1, payload, true));
    expect(found).toMatchObject({ rsv1: false, payload });
  });

  test("gives back whatever goes in", () => {
    const recoder = new Recoder({ masked: true, windowBits: 12 });
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70_000 }), fc.boolean(), (bytes, isPacked) => {
        const payload = Buffer.from(bytes);
        const found = read(recoder.message(2, payload, isPacked));
        expect(found.rsv1 ? inflated(found.payload, 12) : found.payload).toEqual(payload);
      }),
      { numRuns: 60 },
    );
  });
});

test("control frames", () => {
  const recoder = new Recoder({ masked: false, windowBits: 15 });
  expect(read(recoder.control(9, Buffer.from("hey")))).toMatchObject({ opcode: 9, rsv1: false });
  const { opcode, payload } = read(recoder.close(4001, "no"));
  expect([opcode, payload.readUInt16BE(0), payload.toString("utf8", 2)]).toEqual([8, 4001, "no"]);
  expect(() => recoder.close(1006, "")).toThrow(/must not be sent/);
});
