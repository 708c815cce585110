import { describe, expect, test } from "vitest";
import { encodeFrame } from "../../src/frame/encode.js";
import type { FrameReaderOptions } from "../../src/frame/frame-reader.js";
import { feedCut, frameRecorder, hex, violationOf } from "./recorder.js";

interface BrokenRule {
  name: string;
  bytes: string;
  closeCode: number;
  section: string;
  options?: Partial<FrameReaderOptions>;
  /** How many bytes are enough to tell. */
  enough: number;
}

const server = { role: "server" } as const;
const rsv1 = { allowRsv1: true } as const;
const framing = { closeCode: 1002, section: "RFC 6455 §5.2" } as const;
const control = { closeCode: 1002, section: "RFC 6455 §5.5" } as const;
const masking = { closeCode: 1002, section: "RFC 6455 §5.1" } as const;
const compression = { closeCode: 1002, section: "RFC 7692 §6" } as const;
const size = { closeCode: 1009, section: "RFC 6455 §10.4" } as const;

const broken: BrokenRule[] = [
  { name: "RSV1", bytes: "c1 00", enough: 1, ...framing },
  { name: "RSV2", bytes: "a1 00", enough: 1, ...framing },
  { name: "RSV3", bytes: "91 00", enough: 1, ...framing },
  { name: "all RSV with RSV1 allowed", bytes: "f1 00", enough: 1, ...framing, options: rsv1 },
  { name: "RSV1 on a ping", bytes: "c9 00", enough: 1, ...compression, options: rsv1 },
  { name: "RSV1 on a continuation", bytes: "c0 00", enough: 1, ...compression, options: rsv1 },
  ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map((opcode): BrokenRule => ({
    name: `opcode ${opcode}`,
    bytes: `8${opcode.toString(16)} 00`,
    enough: 1,
    closeCode: 1002,
    section: "RFC 6455 §5.2",
  })),
  { name: "fragmented close", bytes: "08 00", enough: 1, ...control },
  { name: "fragmented ping", bytes: "09 00", enough: 1, ...control },
  { name: "fragmented pong", bytes: "0a 00", enough: 1, ...control },
  { name: "ping of 126", bytes: "89 7e 00 7e", enough: 2, ...control },
  { name: "ping of 64-bit length", bytes: "89 7f 00 00", enough: 2, ...control },
  { name: "masked by the server", bytes: "81 80 00 00 00 00", enough: 2, ...masking },
  { name: "unmasked by the client", bytes: "81 00", enough: 2, ...masking, options: server },
  { name: "125 in 16 bits", bytes: "82 7e 00 7d", enough: 4, ...framing },
  { name: "0 in 16 bits", bytes: "82 7e 00 00", enough: 4, ...framing },
  { name: "65535 in 64 bits", bytes: "82 7f 00 00 00 00 00 00 ff ff", enough: 10, ...framing },
  { name: "0 in 64 bits", bytes: "82 7f 00 00 00 00 00 00 00 00", enough: 10, ...framing },
  { name: "length of 2^63", bytes: "82 7f 80 00 00 00 00 00 00 00", enough: 10, ...framing },
  { name: "length of all ones", bytes: "82 7f ff ff ff ff ff ff ff ff", enough: 10, ...framing },
  {
    name: "length of 2^53",
    bytes: "82 7f 00 20 00 00 00 00 00 00",
    enough: 10,
    ...size,
    options: { maxPayload: Number.POSITIVE_INFINITY },
  },
  { name: "length over the limit", bytes: "82 7f 00 00 00 00 00 10 00 01", enough: 10, ...size },
];

describe("broken rules", () => {
  test.each(broken)("$name", ({ bytes, closeCode, section, options, enough }) => {
    const stream = hex(bytes);
    const good = encodeFrame(
      { opcode: 2, mask: options?.role === "server" ? 1 : undefined },
      hex("0a"),
    );
    for (let cut = 0; cut <= stream.length; cut++) {
      const { reader, frames } = frameRecorder(options ?? {});
      const violation = violationOf(() =>
        feedCut(reader, Buffer.concat([good, stream]), [good.length + cut]),
      );
      expect([violation.closeCode, violation.section]).toEqual([closeCode, section]);
      // The frame before it was handed on; nothing after it is, and nothing more is thrown.
      feedCut(reader, good);
      expect(frames.map(({ payload }) => payload)).toEqual(["0a"]);
    }
    // Byte by byte it is seen at the first byte that tells.
    const { reader } = frameRecorder(options ?? {});
    for (let at = 0; at < enough - 1; at++) feedCut(reader, stream.subarray(at, at + 1));
    const last = stream.subarray(enough - 1, enough);
    expect(violationOf(() => feedCut(reader, last)).closeCode).toBe(closeCode);
  });

  test("RSV1 passes on the first frame of a message when it was agreed", () => {
    const { reader, frames } = frameRecorder(rsv1);
    feedCut(reader, hex("c1 01 aa 41 00 80 01 bb"));
    expect(frames.map(({ rsv }) => rsv)).toEqual([4, 4, 0]);
  });
});
