/** Shows that what is gathered is what came, and that a broken rule is left for others to judge. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FrameReader, type FrameHead } from "../../src/frame/frame-reader.js";
import { Gather } from "../../src/session/gather.js";

/** An unmasked frame as a server sends it. */
function frame(first: number, payload: Buffer): Buffer {
  const { length } = payload;
  if (length < 126) return Buffer.concat([Buffer.of(first, length), payload]);
  return Buffer.concat([Buffer.of(first, 126, length >> 8, length & 0xff), payload]);
}

function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const sorted = places.map((place) => place % (bytes.length + 1)).toSorted((a, b) => a - b);
  return [0, ...sorted].map((from, index) => bytes.subarray(from, sorted[index]));
}

/** What comes out of what goes in, piece by piece. */
function gathered(pieces: readonly Buffer[], maxPayload = 100_000): Buffer[] {
  const out: Buffer[] = [];
  const gather = new Gather({ maxPayload, allowRsv1: true, push: (bytes) => out.push(bytes) });
  for (const piece of pieces) gather.feed(piece);
  return out;
}

/** Frames in words: `first:payload`. */
function framesOf(bytes: Buffer): string[] {
  const frames: string[] = [];
  let first = 0;
  let payload = "";
  const sink = {
    begin: ({ fin, rsv, opcode }: FrameHead) => {
      first = (fin ? 0x80 : 0) | (rsv << 4) | opcode;
      payload = "";
    },
    chunk: (buf: Buffer, start: number, end: number) => {
      payload += buf.toString("latin1", start, end);
    },
    end: () => void frames.push(`${first}:${payload}`),
  };
  const options = { role: "client", maxPayload: Infinity, allowRsv1: true } as const;
  new FrameReader(sink, options).feed(bytes, 0, bytes.length);
  return frames;
}

const payload = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes));
const message = fc.record({
  first: fc.constantFrom(1, 2, 0x41),
  parts: fc.array(payload, { minLength: 1, maxLength: 4 }),
  aside: fc.option(fc.uint8Array({ maxLength: 125 })),
});
const places = fc.array(fc.nat(3000), { maxLength: 20 });

describe("whatever way the bytes are cut", () => {
  test("messages come out whole, and control frames where they stood", () => {
    fc.assert(
      fc.property(fc.array(message, { maxLength: 4 }), places, (messages, cuts) => {
        const wire: Buffer[] = [];
        const expected: string[] = [];
        for (const { first, parts, aside } of messages) {
          for (const [index, part] of parts.entries()) {
            const fin = index === parts.length - 1 ? 0x80 : 0;
            wire.push(frame((index === 0 ? first : 0) | fin, part));
            if (index > 0 || aside === null || fin !== 0) continue;
            wire.push(frame(0x89, Buffer.from(aside)));
            expected.push(`137:${Buffer.from(aside).toString("latin1")}`);
          }
          expected.push(`${first | 0x80}:${Buffer.concat(parts).toString("latin1")}`);
        }
        const bytes = Buffer.concat(wire);
        expect(framesOf(Buffer.concat(gathered(cut(bytes, cuts))))).toEqual(expected);
      }),
    );
  });

  test("from a broken rule on they pass as they are, behind what was under way", () => {
    const before = Buffer.concat([
      frame(0x81, Buffer.from("whole")),
      frame(1, Buffer.from("half")),
    ]);
    const broken = [
      frame(0x81, Buffer.from("another")),
      frame(0x83, Buffer.from("reserved")),
      Buffer.of(0x80, 0xfe, 0x12, 0x34, 1, 2, 3, 4, 5, 6),
      Buffer.of(0x80, 126, 0, 5, 1, 2, 3, 4, 5),
      Buffer.of(0x80, 127, 0xff, 0, 0, 0, 0, 0, 0, 0),
    ];
    fc.assert(
      fc.property(fc.constantFrom(...broken), places, (fault, cuts) => {
        const bytes = Buffer.concat([before, fault, frame(0x81, Buffer.from("after"))]);
        expect(Buffer.concat(gathered(cut(bytes, cuts)))).toEqual(bytes);
      }),
    );
  });

  test("a stray continuation passes as it is", () => {
    fc.assert(
      fc.property(places, (cuts) => {
        const bytes = Buffer.concat([
          frame(0x82, Buffer.from("a")),
          frame(0, Buffer.from("stray")),
        ]);
        expect(Buffer.concat(gathered(cut(bytes, cuts)))).toEqual(bytes);
      }),
    );
  });
});

test("a message that lies whole in a read is not copied", () => {
  const bytes = Buffer.concat([frame(0x81, Buffer.from("a")), frame(0x82, Buffer.from("b"))]);
  const out = gathered([bytes]);
  expect(out).toEqual([bytes]);
  expect(out[0]!.buffer).toBe(bytes.buffer);
});

test("of too large a message only a header comes, which says how large", () => {
  const wire = Buffer.concat([
    frame(1, Buffer.alloc(90)),
    frame(0, Buffer.alloc(20)),
    frame(0x80, Buffer.alloc(9)),
  ]);
  expect(Buffer.concat(gathered([wire], 100))).toEqual(Buffer.of(0x81, 110));
  expect(Buffer.concat(gathered([wire.subarray(0, 50), wire.subarray(50)], 89))).toEqual(
    Buffer.of(0x81, 90),
  );
});
