import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encodeFrame, writeFrameHeader } from "../../src/frame/encode.js";
import { FrameReader, type FrameReaderOptions } from "../../src/frame/frame-reader.js";
import { ProtocolViolation } from "../../src/frame/violation.js";
import { anyCuts, anyMask, feedCut, frameRecorder, hex, violationOf } from "./recorder.js";

/** Short of what differs little: opcode, FIN, payload. */
function summary(bytes: Buffer, role: "client" | "server", cuts: number[] = []): unknown[] {
  const { reader, frames } = frameRecorder({ role });
  feedCut(reader, bytes, cuts);
  return frames.map(({ opcode, fin, payload, ended }) => [opcode, fin, payload, ended]);
}

const hello = "48656c6c6f";

describe("the examples of RFC 6455 §5.7", () => {
  test.each<[string, "client" | "server", string, unknown[]]>([
    ["unmasked text", "client", "81 05 48 65 6c 6c 6f", [[1, true, hello, true]]],
    ["masked text", "server", "81 85 37 fa 21 3d 7f 9f 4d 51 58", [[1, true, hello, true]]],
    [
      "fragmented text",
      "client",
      "01 03 48 65 6c 80 02 6c 6f",
      [
        [1, false, "48656c", true],
        [0, true, "6c6f", true],
      ],
    ],
    ["unmasked ping", "client", "89 05 48 65 6c 6c 6f", [[9, true, hello, true]]],
    ["masked pong", "server", "8a 85 37 fa 21 3d 7f 9f 4d 51 58", [[10, true, hello, true]]],
  ])("%s, whole and split at every byte", (_name, role, text, expected) => {
    const bytes = hex(text);
    expect(summary(bytes, role)).toEqual(expected);
    for (let cut = 1; cut < bytes.length; cut++) {
      expect(summary(bytes, role, [cut])).toEqual(expected);
    }
    const everywhere = Array.from(bytes, (_, index) => index);
    expect(summary(bytes, role, everywhere)).toEqual(expected);
  });

  test("256 bytes and 64 KiB of binary", () => {
    const small = Buffer.concat([hex("82 7e 01 00"), Buffer.alloc(256, 1)]);
    const large = Buffer.concat([hex("82 7f 00 00 00 00 00 01 00 00"), Buffer.alloc(65_536, 2)]);
    const { reader, frames } = frameRecorder();
    feedCut(reader, Buffer.concat([small, large]));
    expect(frames.map(({ length, wire }) => [length, wire])).toEqual([
      [256, 260],
      [65_536, 65_546],
    ]);
    expect(frames[1]?.payload).toBe("02".repeat(65_536));
  });
});

describe("length boundaries", () => {
  test.each([0, 1, 125, 126, 127, 65_535, 65_536])("%d bytes, in both roles", (length) => {
    const payload = Buffer.alloc(length, "ab");
    for (const mask of [undefined, 0x89abcdef]) {
      const bytes = encodeFrame({ opcode: 2, mask }, payload);
      const { reader, frames } = frameRecorder({ role: mask === undefined ? "client" : "server" });
      feedCut(reader, bytes, [1, 2, 3, 5, 9, 13, 14, 15, bytes.length - 1]);
      expect(frames).toHaveLength(1);
      expect(frames[0]).toMatchObject({ length, wire: bytes.length, ended: true });
      expect(frames[0]?.payload).toBe(payload.toString("hex"));
    }
  });

  test.each([0xffff_ffff, 0x1_0000_0000, 0x1_0000_0001, Number.MAX_SAFE_INTEGER])(
    "a header of %d bytes opens a frame without holding memory for it",
    (length) => {
      const header = Buffer.alloc(10);
      writeFrameHeader(header, 0, { opcode: 2 }, length);
      const { reader, frames } = frameRecorder({ maxPayload: Number.POSITIVE_INFINITY });
      feedCut(reader, header, [4]);
      feedCut(reader, hex("aa bb"));
      expect(frames).toHaveLength(1);
      expect(frames[0]).toMatchObject({ length, payload: "aabb", ended: false });
    },
  );

  test("the limit is of data frames: exactly it passes, one more does not, pings are exempt", () => {
    const { reader, frames } = frameRecorder({ maxPayload: 10 });
    feedCut(reader, encodeFrame({ opcode: 2 }, Buffer.alloc(10)));
    feedCut(reader, encodeFrame({ opcode: 9 }, Buffer.alloc(125)));
    expect(frames).toHaveLength(2);
    const over = encodeFrame({ opcode: 2 }, Buffer.alloc(11));
    expect(violationOf(() => feedCut(reader, over)).closeCode).toBe(1009);
    expect(frames).toHaveLength(2);
  });
});

describe("the memory that was fed", () => {
  test("payloads are handed on where they lie, and unmasked there", () => {
    const buf = encodeFrame({ opcode: 2, mask: 0xdeadbeef }, Buffer.from("in place"));
    let seen: [boolean, string] | undefined;
    const reader = new FrameReader(
      {
        begin: () => {},
        chunk: (chunk, start, end) => {
          seen = [chunk === buf, chunk.toString("utf8", start, end)];
        },
        end: () => {},
      },
      { role: "server", maxPayload: 100 },
    );
    reader.feed(buf, 0, buf.length);
    expect(seen).toEqual([true, "in place"]);
    expect(buf.toString("utf8", 6)).toBe("in place");
  });

  test("readers that take turns do not mix, though they share their head", () => {
    const one = frameRecorder({ role: "server" });
    const other = frameRecorder({ role: "client" });
    const masked = encodeFrame({ opcode: 2, mask: 0xfedcba98 }, Buffer.from("abcdefghij"));
    const plain = encodeFrame({ opcode: 1 }, Buffer.from("0123456789"));
    for (let at = 0; at < masked.length; at++) {
      feedCut(one.reader, masked.subarray(at, at + 1));
      feedCut(other.reader, plain.subarray(at, at + 1));
    }
    expect(Buffer.from(one.frames[0]!.payload, "hex").toString()).toBe("abcdefghij");
    expect(Buffer.from(other.frames[0]!.payload, "hex").toString()).toBe("0123456789");
  });
});

describe("callbacks", () => {
  const three = hex("82 01 aa 82 01 bb 82 01 cc");

  test.each(["begin", "chunk", "end"] as const)("an error in %s leaves through feed", (where) => {
    let calls = 0;
    const fail = (name: string): void => {
      calls++;
      if (name === where) throw new TypeError("the sink's own");
    };
    const reader = new FrameReader(
      { begin: () => fail("begin"), chunk: () => fail("chunk"), end: () => fail("end") },
      { role: "client", maxPayload: 100 },
    );
    expect(() => reader.feed(three, 0, three.length)).toThrow("the sink's own");
    const before = calls;
    reader.feed(three, 0, three.length);
    expect(calls).toBe(before);
  });

  test.each(["begin", "chunk", "end"] as const)("after stop in %s nothing comes", (where) => {
    const calls: string[] = [];
    const heard = (name: string): void => {
      calls.push(name);
      if (name === where) reader.stop();
    };
    const reader = new FrameReader(
      { begin: () => heard("begin"), chunk: () => heard("chunk"), end: () => heard("end") },
      { role: "client", maxPayload: 100 },
    );
    reader.feed(three, 0, three.length);
    reader.feed(three, 0, three.length);
    expect(calls.at(-1)).toBe(where);
    expect(calls).toEqual(["begin", "chunk", "end"].slice(0, calls.length));
  });

  test("after stop in begin, even an empty frame does not end", () => {
    const { reader, frames } = frameRecorder();
    let ended = 0;
    const stopping: FrameReader = new FrameReader(
      { begin: () => stopping.stop(), chunk: () => {}, end: () => ended++ },
      { role: "client", maxPayload: 100 },
    );
    for (const each of [stopping, reader]) feedCut(each, hex("82 00 82 00"));
    expect(ended).toBe(0);
    expect(frames).toHaveLength(2);
  });

  test("feeding from inside is refused", () => {
    const reader: FrameReader = new FrameReader(
      { begin: () => reader.feed(three, 0, 3), chunk: () => {}, end: () => {} },
      { role: "client", maxPayload: 100 },
    );
    expect(() => reader.feed(three, 0, three.length)).toThrow("inside its own sink");
  });

  test("an empty feed does nothing, before and after anything", () => {
    const { reader, frames } = frameRecorder();
    reader.feed(three, 0, 0);
    reader.feed(three, 0, 1);
    reader.feed(three, 1, 1);
    reader.feed(three, 1, 3);
    reader.feed(three, 3, 3);
    expect(frames).toHaveLength(1);
  });
});

describe("properties", () => {
  const anyFrame = fc.oneof(
    fc.record({
      opcode: fc.constantFrom(0, 1, 2),
      fin: fc.boolean(),
      payload: fc.uint8Array({ maxLength: 200, size: "max" }),
    }),
    fc.record({
      opcode: fc.constantFrom(8, 9, 10),
      fin: fc.constant(true),
      payload: fc.uint8Array({ maxLength: 125 }),
    }),
  );

  test("frames survive any cutting, in both roles", () => {
    fc.assert(
      fc.property(
        fc.array(anyFrame, { maxLength: 8 }),
        fc.option(anyMask, { nil: undefined }),
        anyCuts,
        (sent, mask, cuts) => {
          const bytes = Buffer.concat(
            sent.map(({ payload, ...frame }) => encodeFrame({ ...frame, mask }, payload)),
          );
          const role = mask === undefined ? "client" : "server";
          expect(summary(bytes, role, cuts)).toEqual(
            sent.map(({ opcode, fin, payload }) => [
              opcode,
              fin,
              Buffer.from(payload).toString("hex"),
              true,
            ]),
          );
        },
      ),
    );
  });

  test("random bytes give frames or a violation, the same however they were cut", () => {
    const run = (bytes: Uint8Array, cuts: number[], options: Partial<FrameReaderOptions>) => {
      const { reader, frames } = frameRecorder(options);
      try {
        feedCut(reader, bytes, cuts);
        return { frames, thrown: undefined };
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(ProtocolViolation);
        return { frames, thrown: (thrown as Error).message };
      }
    };
    const anyOptions = fc.record({
      role: fc.constantFrom("client" as const, "server" as const),
      allowRsv1: fc.boolean(),
      maxPayload: fc.constantFrom(0, 100, 1 << 20),
    });
    const anyBytes = fc.uint8Array({ maxLength: 60, size: "max" });
    fc.assert(
      fc.property(anyBytes, anyCuts, anyOptions, (bytes, cuts, options) => {
        const whole = run(bytes, [], options);
        const cut = run(bytes, cuts, options);
        // A cut inside a broken header lets an earlier byte tell; a whole one may know more.
        expect(cut.frames).toEqual(whole.frames);
        if (whole.thrown !== undefined) expect(cut.thrown).toBe(whole.thrown);
        expect(cut.thrown === undefined).toBe(whole.thrown === undefined);
      }),
      { numRuns: 500 },
    );
  });
});
