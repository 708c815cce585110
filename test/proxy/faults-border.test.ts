/** Shows that frames are followed however their bytes are cut. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { encodeFrame } from "../../src/frame/encode.js";
import { FrameBorder } from "../../src/proxy/faults-border.js";

const head = Buffer.from("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n");

/** Where the borders are, when the bytes come in such pieces. */
function borders(bytes: Buffer, cuts: readonly number[]): number[] {
  const border = new FrameBorder();
  const found: number[] = [];
  const ends = [...new Set(cuts)].filter((at) => at > 0 && at < bytes.length).sort((a, b) => a - b);
  let start = 0;
  for (const end of [...ends, bytes.length]) {
    const piece = bytes.subarray(start, end);
    for (let at = 0; at < piece.length;) {
      at = border.next(piece, at);
      if (border.atBorder) found.push(start + at);
    }
    start = end;
  }
  return found;
}

test("a border is behind the head and behind each frame, wherever the bytes are cut", () => {
  const payloads = fc.array(fc.constantFrom(0, 1, 125, 126, 300, 65_535, 65_536), {
    minLength: 1,
    maxLength: 5,
  });
  fc.assert(
    fc.property(payloads, fc.array(fc.nat(140_000), { maxLength: 30 }), (lengths, cuts) => {
      const frames = lengths.map((length) => encodeFrame({ opcode: 2 }, Buffer.alloc(length)));
      const bytes = Buffer.concat([head, ...frames]);
      const expected = [head.length];
      for (const frame of frames) expected.push(expected.at(-1)! + frame.length);
      expect(borders(bytes, cuts)).toEqual(expected);
    }),
    { numRuns: 60 },
  );
});

test("byte by byte", () => {
  const frame = encodeFrame({ opcode: 1 }, Buffer.from("hello"));
  const bytes = Buffer.concat([head, frame]);
  const cuts = Array.from({ length: bytes.length }, (_, at) => at);
  expect(borders(bytes, cuts)).toEqual([head.length, bytes.length]);
});

test.each([
  ["a refusal", Buffer.from("HTTP/1.1 403 Forbidden\r\n\r\n\x81\x00")],
  ["no HTTP", Buffer.from("\x81\x00\x81\x00")],
  ["a masked frame", Buffer.concat([head, encodeFrame({ opcode: 1, mask: 5 }, Buffer.from("x"))])],
])("%s has no frames", (_what, bytes) => {
  expect(borders(bytes, []).filter((at) => at > head.length)).toEqual([]);
});

test("knows whether anything has come", () => {
  const border = new FrameBorder();
  expect([border.atStart, border.atBorder]).toEqual([true, false]);
  border.next(head.subarray(0, 5), 0);
  expect([border.atStart, border.atBorder]).toEqual([false, false]);
});

test.each([
  ["an interim answer", "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"],
  ["two of them", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n"],
])("frames begin behind %s and the 101", (_what, interim) => {
  const frame = encodeFrame({ opcode: 1 }, Buffer.from("x"));
  const start = interim.length + head.length;
  const bytes = Buffer.concat([Buffer.from(interim), head, frame]);
  const all = [...bytes.keys()];
  expect(borders(bytes, all)).toEqual([start, start + frame.length]);
  expect(borders(bytes, [])).toEqual([start, start + frame.length]);
});

test("frames begin behind a head whose lines end in LF alone", () => {
  const bare = Buffer.from(head.toString().replaceAll("\r\n", "\n"));
  expect(borders(bare, [])).toEqual([bare.length]);
});

test("no frames are behind a refusal", () => {
  const refusal = "HTTP/1.1 403 No\r\nContent-Length: 4\r\n\r\n\u0081\u0001x";
  expect(borders(Buffer.from(refusal, "latin1"), [])).toEqual([]);
});
