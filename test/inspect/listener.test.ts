import { deflateRawSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encodeFrame } from "../../src/frame/encode.js";
import { Listener } from "../../src/inspect/listener.js";

/** An unmasked frame; `first` is its first byte. */
function frame(first: number, payload: Uint8Array | string = ""): Buffer {
  const bytes = Buffer.from(payload);
  return Buffer.concat([
    encodeFrame({ opcode: first & 15, fin: first >= 0x80, rsv: (first >> 4) & 7 }, bytes),
  ]);
}

/** Feeds it in pieces of `size` bytes. */
function hear(bytes: Buffer, size = bytes.length, listener = new Listener(1 << 24)): Listener {
  for (let at = 0; at < bytes.length; at += Math.max(1, size)) {
    const piece = Buffer.from(bytes.subarray(at, at + Math.max(1, size)));
    listener.feed(piece, 0, piece.length);
    // The reader's memory is only good until feed returns.
    piece.fill(0xaa);
  }
  return listener;
}

function texts({ messages }: Listener): string[] {
  return messages.map(({ payload }) => payload.toString());
}

/** As permessage-deflate sends a message (RFC 7692 §7.2.1). */
function deflated(text: string, dictionary?: Buffer): Buffer {
  const bytes = deflateRawSync(Buffer.from(text), {
    finishFlush: 2,
    ...(dictionary && { dictionary }),
  });
  return bytes.subarray(0, -4);
}

describe("messages", () => {
  test("are put together from fragments, with control frames between", () => {
    const bytes = Buffer.concat([
      frame(0x01, "one "),
      frame(0x89, "?"),
      frame(0x00, "two "),
      frame(0x8a, "!"),
      frame(0x80, "three"),
      frame(0x82, Buffer.of(0, 255)),
    ]);
    const pinged: string[] = [];
    fc.assert(
      fc.property(fc.integer({ min: 1, max: bytes.length }), (size) => {
        const listener = new Listener(1000);
        listener.onPing = (payload) => pinged.push(payload.toString());
        hear(bytes, size, listener);
        expect(texts(listener)[0]).toBe("one two three");
        expect(listener.messages.map(({ opcode }) => opcode)).toEqual([1, 2]);
        expect(listener).toMatchObject({ count: 2, pings: 1, pongs: 1, violation: undefined });
      }),
      { numRuns: 20 },
    );
    expect(new Set(pinged)).toEqual(new Set(["?"]));
  });

  test("empty ones count", () => {
    expect(texts(hear(Buffer.concat([frame(0x81), frame(0x01), frame(0x80)])))).toEqual(["", ""]);
  });

  test("that are compressed are inflated, and may refer to those before", () => {
    const first = "the quick brown fox jumps over the lazy dog";
    const second = deflated(first, Buffer.from(first));
    const bytes = Buffer.concat([frame(0xc1, deflated(first)), frame(0xc1, second)]);
    expect(second.length).toBeLessThan(12);
    expect(texts(hear(bytes))).toEqual([first, first]);
  });

  test("of a megabyte in one-byte pieces are bounded and cost no square of it", () => {
    const bytes = frame(0x82, Buffer.alloc(1_000_000, 7));
    const before = process.memoryUsage().arrayBuffers;
    const listener = new Listener(1 << 24);
    for (let at = 0; at < bytes.length; at++) listener.feed(bytes, at, at + 1);
    expect(listener.count).toBe(1);
    expect(listener.messages[0]?.payload.length).toBe(262_144);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20_000_000);
  });

  test("are kept up to a limit and counted beyond it", () => {
    const many = hear(Buffer.concat(Array.from({ length: 500 }, () => frame(0x81, "x"))));
    expect(many).toMatchObject({ count: 500, violation: undefined });
    expect(many.messages).toHaveLength(100);
    const large = hear(
      Buffer.concat(Array.from({ length: 5 }, () => frame(0x82, Buffer.alloc(200_000)))),
    );
    expect(large.count).toBe(5);
    const kept = large.messages.reduce((sum, { payload }) => sum + payload.length, 0);
    expect(kept).toBeLessThanOrEqual(262_144);
  });

  test("a bomb is let be, and is no broken rule; what refers to it is lost", () => {
    const bomb = deflated("a".repeat(5_000_000));
    const listener = hear(
      Buffer.concat([frame(0xc1, bomb), frame(0xc1, bomb), frame(0x81, "still")]),
    );
    expect(listener).toMatchObject({ count: 3, violation: undefined });
    expect(texts(listener)).toEqual(["", "", "still"]);
  });
});

describe("broken rules are named, and what comes after them is not read", () => {
  const euro = Buffer.from("€");
  test.each<[string, Buffer, RegExp]>([
    ["a masked frame", Buffer.of(0x81, 0x80, 0, 0, 0, 0), /masked/],
    ["a reserved opcode", frame(0x83), /opcode 0x03/],
    ["RSV2", Buffer.of(0xa1, 0), /RSV2/],
    ["a stray continuation", frame(0x80, "x"), /no message was open/],
    [
      "a message in a message",
      Buffer.concat([frame(0x01, "a"), frame(0x81, "b")]),
      /inside a fragmented/,
    ],
    ["a close code that is none", frame(0x88, Buffer.of(3, 237)), /1005/],
    ["half a close code", frame(0x88, Buffer.of(3)), /1 byte/],
    ["text that is not UTF-8", frame(0x81, Buffer.of(65, 0xff)), /0xff at offset 1/],
    ["text that ends in a character", frame(0x81, euro.subarray(0, 2)), /ends inside a character/],
    [
      "compressed text that is not UTF-8",
      frame(0xc1, Buffer.from(deflateRawSync(Buffer.of(0xff), { finishFlush: 2 })).subarray(0, -4)),
      /not UTF-8/,
    ],
    ["what cannot be inflated", frame(0xc1, Buffer.of(0xff, 0xff, 0xff)), /cannot be inflated/],
  ])("%s", (_what, bytes, said) => {
    const listener = hear(Buffer.concat([bytes, frame(0x81, "more")]));
    expect(listener.violation).toMatch(said);
    const { count } = listener;
    hear(frame(0x81, "and more"), undefined, listener);
    expect(listener.count).toBe(count);
  });

  test("RSV1 where nothing was agreed", () => {
    const listener = hear(frame(0xc1, deflated("x")), undefined, new Listener(1000, false));
    expect(listener.violation).toMatch(/RSV1/);
  });

  test("a character may be cut between fragments", () => {
    const bytes = Buffer.concat([frame(0x01, euro.subarray(0, 1)), frame(0x80, euro.subarray(1))]);
    expect(texts(hear(bytes))).toEqual(["€"]);
  });
});

describe("the end", () => {
  test("is a close frame with its code and reason; nothing is heard after it", () => {
    const payload = Buffer.concat([Buffer.of(3, 240), Buffer.from("no")]);
    const listener = hear(Buffer.concat([frame(0x88, payload), frame(0x81, "late")]));
    listener.cut();
    expect(listener.ended).toMatchObject({ kind: "close", status: { code: 1008, reason: "no" } });
    expect(listener.count).toBe(0);
  });

  test("is a cut without one", () => {
    const listener = new Listener(1000);
    listener.cut();
    expect(listener.ended).toMatchObject({ kind: "cut" });
  });

  test("whatever comes, nothing is thrown", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 10 }), (pieces) => {
        const listener = new Listener(1000);
        for (const piece of pieces) listener.feed(Buffer.from(piece), 0, piece.length);
        expect(listener.messages.length).toBeLessThanOrEqual(listener.count);
      }),
      { numRuns: 200 },
    );
  });
});
