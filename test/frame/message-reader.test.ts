import { describe, expect, test } from "vitest";
import { encodeClosePayload } from "../../src/frame/close.js";
import { encodeFrame, writeFrameHeader } from "../../src/frame/encode.js";
import { MessageReader } from "../../src/frame/message-reader.js";
import { Opcode } from "../../src/frame/opcode.js";
import { feedCut, hex, messageRecorder, violationOf, type Seen } from "./recorder.js";

const text = (value: string): string => Buffer.from(value).toString("hex");

describe("messages", () => {
  test("the fragmented text of RFC 6455 §5.7, with a ping between, cut anywhere", () => {
    const bytes = hex("01 03 48 65 6c 89 05 48 65 6c 6c 6f 80 02 6c 6f");
    const expected: Seen[] = [
      [Opcode.ping, text("Hello"), 0],
      [Opcode.text, text("Hello"), 9],
    ];
    for (let cut = 0; cut <= bytes.length; cut++) {
      const { reader, seen } = messageRecorder();
      feedCut(reader, bytes, [cut]);
      expect(seen).toEqual(expected);
    }
  });

  test("empty messages, empty fragments, empty control frames", () => {
    const { reader, seen } = messageRecorder();
    feedCut(reader, hex("81 00  82 00  01 00 89 00 00 00 8a 00 80 00  02 00 00 01 aa 80 00"));
    expect(seen).toEqual([
      [1, "", 2],
      [2, "", 2],
      [9, "", 0],
      [10, "", 0],
      [1, "", 6],
      [2, "aa", 7],
    ]);
  });

  test("a control frame that straddles reads inside a message that does", () => {
    const bytes = Buffer.concat([
      encodeFrame({ opcode: 2, fin: false, mask: 0xa1b2c3d4 }, hex("01 02 03")),
      encodeFrame({ opcode: 9, mask: 0x11223344 }, Buffer.alloc(125, 9)),
      encodeFrame({ opcode: 0, mask: 0x99887766 }, hex("04 05")),
    ]);
    const { reader, seen } = messageRecorder({ role: "server" });
    feedCut(
      reader,
      bytes,
      Array.from(bytes, (_, index) => index),
    );
    expect(seen).toEqual([
      [9, "09".repeat(125), 0],
      [2, "0102030405", 9 + 131 + 8 - 131],
    ]);
  });

  test("a message whole in the read is handed on where it lies, any other is not", () => {
    const bytes = hex("82 02 aa bb 02 01 cc 80 01 dd");
    const inPlace: boolean[] = [];
    const reader = new MessageReader(
      { message: (_opcode, buf) => inPlace.push(buf === bytes), control: () => {} },
      { role: "client", maxPayload: 100 },
    );
    reader.feed(bytes, 0, bytes.length);
    expect(inPlace).toEqual([true, false]);
  });

  test("a large message in many reads", () => {
    const payload = Buffer.alloc(300_000, "0123456789äöü");
    const bytes = encodeFrame({ opcode: 2 }, payload);
    const { reader, seen } = messageRecorder();
    for (let at = 0; at < bytes.length; at += 7919) {
      feedCut(reader, bytes.subarray(at, at + 7919));
    }
    expect(seen).toHaveLength(1);
    expect(seen[0]?.[1] === payload.toString("hex")).toBe(true);
    expect(seen[0]?.[2]).toBe(bytes.length);
  });
});

describe("broken rules of messages", () => {
  test.each<[string, string, number, string]>([
    ["continuation of nothing", "80 01 aa", 1002, "5.4"],
    ["continuation after a finished message", "82 00 00 00", 1002, "5.4"],
    ["continuation after a finished fragmented one", "02 00 80 00 80 00", 1002, "5.4"],
    ["new text inside a message", "01 01 61 81 01 62", 1002, "5.4"],
    ["new binary inside a message", "02 01 61 89 00 02 01 62", 1002, "5.4"],
    ["invalid text", "81 03 ed a0 80", 1007, "8.1"],
    ["text cut off", "81 02 61 c3", 1007, "8.1"],
    ["text cut off at the end of fragments", "01 02 61 c3 80 00", 1007, "8.1"],
    ["text broken across fragments", "01 01 c3 80 01 61", 1007, "8.1"],
    ["close of one byte", "88 01 03", 1002, "5.5.1"],
    ["close with code 1005", "88 02 03 ed", 1002, "7.4"],
    ["close with code 999", "88 02 03 e7", 1002, "7.4"],
    ["close with an invalid reason", "88 04 03 e8 c3 28", 1007, "5.5.1"],
    ["masked by the server", "81 80 00 00 00 00", 1002, "5.1"],
    ["RSV1, which no extension uses", "c1 00", 1002, "5.2"],
  ])("%s", (_name, bytes, closeCode, section) => {
    const stream = hex(bytes);
    for (let cut = 0; cut < stream.length; cut++) {
      const { reader, seen } = messageRecorder();
      const violation = violationOf(() => feedCut(reader, stream, [cut]));
      expect([violation.closeCode, violation.section]).toEqual([closeCode, `RFC 6455 §${section}`]);
      const before = seen.length;
      feedCut(reader, hex("81 01 61 88 00"));
      expect(seen).toHaveLength(before);
    }
  });

  test.each<[string, string, string]>([
    ["in the first fragment", "01 03 61 62 ff", "0xff at offset 2"],
    ["in a continuation, before it is complete", "01 02 61 c3 00 7e 01 00 28", "0x28 at offset 2"],
    ["in the first chunk of a frame", "81 7e 01 00 61 f4 90", "0x90 at offset 2"],
  ])("text fails fast %s", (_name, bytes, message) => {
    const { reader, seen } = messageRecorder();
    const violation = violationOf(() => feedCut(reader, hex(bytes)));
    expect(violation.closeCode).toBe(1007);
    expect(violation.message).toContain(message);
    expect(seen).toEqual([]);
  });

  test("binary may hold anything", () => {
    const { reader, seen } = messageRecorder();
    feedCut(reader, hex("82 02 ff c3 02 01 ff 80 01 c3"));
    expect(seen.map(([, payload]) => payload)).toEqual(["ffc3", "ffc3"]);
  });
});

describe("limits", () => {
  test("of a message: all its fragments together, as announced, before they come", () => {
    const { reader, seen } = messageRecorder({ maxPayload: 10 });
    feedCut(reader, hex("02 05 01 02 03 04 05 80 05 06 07 08 09 0a"));
    expect(seen).toEqual([[2, "0102030405060708090a", 14]]);
    feedCut(reader, hex("02 05 01 02 03 04 05"));
    const violation = violationOf(() => feedCut(reader, hex("00 06")));
    expect(violation.closeCode).toBe(1009);
    expect(violation.message).toContain("11 bytes");
  });

  test("of the number of fragments", () => {
    const { reader, seen } = messageRecorder({ maxFragments: 3 });
    feedCut(reader, hex("02 00 00 00 80 00 02 00 00 00 00 00"));
    expect(seen).toEqual([[2, "", 6]]);
    expect(violationOf(() => feedCut(reader, hex("80 00"))).closeCode).toBe(1009);
  });

  test("10^5 fragments of one byte pass, one more does not, and memory stays small", () => {
    const count = 100_000;
    const stream = Buffer.alloc(3 * count);
    for (let index = 0; index < count; index++) {
      stream.set([index === 0 ? 2 : 0, 1, index & 0xff], 3 * index);
    }
    let length = 0;
    let capacity = 0;
    const sink = {
      message: (_opcode: number, buf: Buffer, start: number, end: number): void => {
        length = end - start;
        capacity = buf.buffer.byteLength;
      },
      control: (): void => {},
    };
    const options = { role: "client", maxPayload: 1 << 24 } as const;
    const tooMany = new MessageReader(sink, options);
    tooMany.feed(stream, 0, stream.length);
    expect(violationOf(() => tooMany.feed(hex("80 00"), 0, 2)).message).toContain("100000");
    expect(length).toBe(0);

    stream[3 * (count - 1)] = 0x80;
    const reader = new MessageReader(sink, options);
    for (let at = 0; at < stream.length; at += 1000) {
      reader.feed(stream, at, Math.min(at + 1000, stream.length));
    }
    expect(length).toBe(count);
    expect(capacity).toBeLessThan(4 * count);
  });

  test("an announced length costs nothing until it comes", () => {
    const header = Buffer.alloc(10);
    writeFrameHeader(header, 0, { opcode: 2 }, 2 ** 40);
    const before = process.memoryUsage().arrayBuffers;
    const readers = Array.from({ length: 50 }, () => {
      const { reader } = messageRecorder({ maxPayload: 2 ** 50 });
      feedCut(reader, header);
      feedCut(reader, hex("aa"));
      return reader;
    });
    expect(readers).toHaveLength(50);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(50 * 70_000);
  });
});

describe("close", () => {
  test("whatever follows a close frame is ignored", () => {
    const close = encodeFrame({ opcode: 8 }, encodeClosePayload(1001, "bye"));
    const { reader, seen } = messageRecorder();
    feedCut(reader, Buffer.concat([hex("82 01 aa"), close, hex("82 01 bb ff ff ff")]));
    feedCut(reader, hex("ff ff"));
    feedCut(reader, close);
    expect(seen).toEqual([
      [2, "aa", 3],
      [8, "03e9627965", 0],
    ]);
  });

  test("a close may come inside a message, cut anywhere", () => {
    const bytes = hex("01 01 61 88 05 03 e8 62 79 65 80 01 62");
    for (let cut = 0; cut <= bytes.length; cut++) {
      const { reader, seen } = messageRecorder();
      feedCut(reader, bytes, [cut]);
      expect(seen).toEqual([[8, "03e8627965", 0]]);
    }
  });

  test("an empty close", () => {
    const { reader, seen } = messageRecorder();
    feedCut(reader, hex("88 00 81 01 61"));
    expect(seen).toEqual([[8, "", 0]]);
  });
});

describe("callbacks", () => {
  const bytes = hex("81 01 61 89 01 62 81 01 63");

  test("an error leaves through feed, and ends the reading", () => {
    let calls = 0;
    const fail = (): void => {
      calls++;
      throw new TypeError("the sink's own");
    };
    const reader = new MessageReader(
      { message: fail, control: fail },
      { role: "client", maxPayload: 100 },
    );
    expect(() => reader.feed(bytes, 0, bytes.length)).toThrow("the sink's own");
    reader.feed(bytes, 0, bytes.length);
    expect(calls).toBe(1);
  });

  test("stop inside a callback: nothing comes any more", () => {
    const calls: string[] = [];
    const reader = new MessageReader(
      {
        message: () => calls.push("message"),
        control: () => {
          calls.push("control");
          reader.stop();
        },
      },
      { role: "client", maxPayload: 100 },
    );
    reader.feed(bytes, 0, bytes.length);
    reader.feed(bytes, 0, bytes.length);
    expect(calls).toEqual(["message", "control"]);
  });

  test("feeding from inside is refused", () => {
    const reader = new MessageReader(
      { message: () => reader.feed(bytes, 0, 3), control: () => {} },
      { role: "client", maxPayload: 100 },
    );
    expect(() => reader.feed(bytes, 0, bytes.length)).toThrow("inside its own sink");
  });
});
