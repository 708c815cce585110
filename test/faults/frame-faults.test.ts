/** Shows the faults of the answer and of frames byte by byte, as they leave a line. */
import { inflateRawSync } from "node:zlib";
import * as fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { encodeFrame } from "../../src/frame/encode.js";
import { frameRecorder, violationOf } from "../frame/recorder.js";
import { control, head, lineOf, openRig, rig, setOf, text, useFakeClock, type Rig } from "./rig.js";

useFakeClock();

const deflate = "permessage-deflate; server_max_window_bits=10";
const tail = Buffer.from([0, 0, 0xff, 0xff]);

function compressedHead(extensions = deflate): Buffer {
  return Buffer.from(
    head.toString().replace(/\r\n$/, `Sec-WebSocket-Extensions: ${extensions}\r\n\r\n`),
  );
}

/** What left behind the head, frame by frame. */
function framesOf({ bytes }: Rig): { opcode: number; fin: boolean; rsv: number; data: Buffer }[] {
  const { reader, frames } = frameRecorder({ allowRsv1: true, maxPayload: 2 ** 40 });
  const all = bytes();
  const start = all.toString("latin1").startsWith("HTTP/") ? all.indexOf("\r\n\r\n") + 4 : 0;
  reader.feed(all, start, all.length);
  return frames.map(({ opcode, fin, rsv, payload }) => {
    return { opcode, fin, rsv, data: Buffer.from(payload, "hex") };
  });
}

describe("the answer", () => {
  test("drip-headers: a byte for each pause, and what is behind waits", () => {
    const made = rig("drip-headers=10ms");
    made.line.outgoing(head);
    made.line.outgoing(text("a"));
    for (let count = 1; count <= head.length; count++) {
      expect(made.bytes()).toEqual(head.subarray(0, count));
      vi.advanceTimersByTime(10);
    }
    expect(made.bytes()).toEqual(Buffer.concat([head, text("a")]));
    expect([...made.injected]).toEqual([["drip-headers", 1]]);
    expect(made.line.held).toBe(0);
  });

  test("drip-headers, taken away: the rest comes at once, and the connection is open", () => {
    const made = rig("drip-headers", "flap,p=0");
    made.line.outgoing(head);
    made.line.outgoing(text("a"));
    vi.advanceTimersByTime(100);
    made.set.remove(1);
    expect(made.bytes()).toEqual(Buffer.concat([head, text("a")]));
    made.line.outgoing(text("b"));
    expect(made.left.at(-1)).toEqual(text("b"));
    expect(made.undelivered).toBe(0);
  });

  test("drip-headers: a connection that goes leaves nothing behind", () => {
    const made = rig("drip-headers");
    made.line.outgoing(head);
    made.line.dispose();
    expect(vi.getTimerCount()).toBe(0);
    expect(made.line.held).toBe(0);
  });

  test("unasked-subprotocol takes the place of what was agreed", () => {
    const made = rig("unasked-subprotocol=other");
    const agreed = head.toString().replace(/\r\n$/, "sec-websocket-protocol: chat\r\n\r\n");
    made.line.outgoing(Buffer.from(agreed));
    const expected = head.toString().replace(/\r\n$/, "Sec-WebSocket-Protocol: other\r\n\r\n");
    expect(made.bytes().toString()).toBe(expected);
    expect(made.injected.get("unasked-subprotocol")).toBe(1);
  });

  test("unasked-extension comes beside those that were agreed", () => {
    const made = rig("unasked-extension=x-a; b=c");
    made.line.outgoing(compressedHead("permessage-deflate"));
    expect(made.bytes().toString()).toBe(compressedHead("permessage-deflate, x-a; b=c").toString());
    const plain = rig("unasked-extension");
    plain.line.outgoing(head);
    expect(plain.bytes().toString()).toBe(compressedHead("x-wsctl-unasked").toString());
  });

  test.each([
    "unasked-subprotocol=a b",
    "unasked-subprotocol=é",
    "unasked-extension=a\r\nb",
    "unasked-extension=a;;",
    "drip-headers=0",
    "drip-headers=10us",
  ])("%j is refused", (spec) => {
    expect(() => setOf([spec])).toThrow(expect.objectContaining({ code: "WSCTL_EUSAGE" }));
  });
});

describe("long-length", () => {
  test.each([
    ["long-length", "817f0000000000000002", 2],
    ["long-length=16", "817e0002", 2],
    ["long-length=2^63", "817f8000000000000000", 2],
    ["long-length", "817f000000000000007e", 126],
  ])("%s: %s", (spec, expected, size) => {
    const made = openRig(`${spec},at=1`);
    const payload = "x".repeat(size);
    made.line.outgoing(text(payload));
    made.line.outgoing(text("fine"));
    const left = made.bytes().subarray(head.length);
    expect(left.toString("hex")).toBe(
      expected + Buffer.concat([Buffer.from(payload), text("fine")]).toString("hex"),
    );
    const { reader } = frameRecorder();
    expect(violationOf(() => reader.feed(left, 0, left.length)).closeCode).toBe(1002);
    expect(made.injected.get("long-length")).toBe(1);
  });

  test("a message that needs the form is let alone", () => {
    const made = openRig("long-length=16");
    made.line.outgoing(text("x".repeat(126)));
    expect(made.bytes().subarray(head.length)).toEqual(text("x".repeat(126)));
    expect(made.injected.size).toBe(0);
  });
});

describe("fragments", () => {
  test("split-utf8: two fragments, the cut within a character, nothing lost", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.string(), (said, seed) => {
        const made = lineOf(setOf(["split-utf8"], seed), 0, true);
        made.line.outgoing(text(said));
        const frames = framesOf(made);
        const payload = Buffer.from(said);
        expect(Buffer.concat(frames.map(({ data }) => data))).toEqual(payload);
        if (payload.length === said.length) {
          expect(made.bytes()).toEqual(text(said));
          expect(made.injected.size).toBe(0);
          return;
        }
        expect(frames.map(({ opcode, fin }) => [opcode, fin])).toEqual([
          [1, false],
          [0, true],
        ]);
        expect(frames[0]!.data.toString()).toContain("�");
        expect(made.injected.get("split-utf8")).toBe(1);
        expect(made.line.held).toBe(0);
      }),
      { numRuns: 100 },
    );
  });

  test("split-utf8 does not touch binary or compressed messages", () => {
    const made = openRig("split-utf8");
    const frames = [
      encodeFrame({ opcode: 2 }, Buffer.from("é")),
      encodeFrame({ opcode: 1, rsv: 4 }, Buffer.from("é")),
    ];
    for (const frame of frames) made.line.outgoing(frame);
    expect(made.bytes().subarray(head.length)).toEqual(Buffer.concat(frames));
  });

  test("empty-fragments: so many of nothing, then the message", () => {
    const made = openRig("empty-fragments=3,at=1");
    made.line.outgoing(encodeFrame({ opcode: 1, rsv: 4 }, Buffer.from("abc")));
    made.line.outgoing(text("b"));
    expect(made.bytes().subarray(head.length).toString("hex")).toBe(
      `4100${"0000".repeat(2)}8003616263${text("b").toString("hex")}`,
    );
    expect(made.injected.get("empty-fragments")).toBe(1);
    expect([made.line.held, made.undelivered]).toEqual([0, 0]);
  });

  test("empty-fragments: a million of them are one write", () => {
    const made = openRig("empty-fragments=1m");
    made.line.outgoing(text("a"));
    expect(made.left).toHaveLength(2);
    expect(made.left[1]).toHaveLength(2_000_003);
  });

  test("fragment-drip: a byte, a pause; pings go between, messages and the close behind", () => {
    const made = openRig("fragment-drip=10ms,at=1");
    made.line.outgoing(text("abc"));
    made.line.outgoing(control(9));
    made.line.outgoing(text("next"));
    made.line.outgoing(control(8, "\x03\xe8"));
    expect(made.said()).toEqual(["101", "text a", "ping"]);
    expect(made.undelivered).toBe(2);
    vi.advanceTimersByTime(10);
    expect(made.said()).toEqual(["continuation b"]);
    vi.advanceTimersByTime(10);
    expect(made.said()).toEqual(["continuation c"]);
    vi.advanceTimersByTime(10);
    expect(made.said()).toEqual(["text next", "close 1000"]);
    expect([made.line.held, made.undelivered]).toEqual([0, 0]);
    expect(framesOf(made).map(({ fin }) => fin)).toEqual([false, true, false, true, true, true]);
  });

  test("fragment-drip=endless never ends, until it is taken away", () => {
    const made = openRig("fragment-drip=1ms endless");
    made.line.outgoing(text("ab"));
    made.line.outgoing(text("behind"));
    vi.advanceTimersByTime(4);
    expect(made.said()).toEqual([
      "101",
      "text a",
      ...["b", "a", "b", "a"].map((byte) => `continuation ${byte}`),
    ]);
    expect(framesOf(made).some(({ fin }) => fin)).toBe(false);
    made.set.remove(1);
    expect(made.said()).toEqual(["continuation b", "text behind"]);
    expect(framesOf(made).map(({ fin }) => fin)).toEqual([...Array(5).fill(false), true, true]);
    expect([made.line.held, made.undelivered]).toEqual([0, 0]);
  });

  test("fragment-drip=endless gives way to the close, and to the end", () => {
    const made = openRig("fragment-drip=endless");
    made.line.outgoing(text("ab"));
    made.line.outgoing(text("lost"));
    made.line.outgoing(control(8, "\x03\xe8"));
    made.line.finish();
    expect(made.said()).toEqual(["101", "text a", "close 1000", "FIN"]);
    expect([made.line.held, made.undelivered]).toEqual([0, 2]);
  });

  test("fragment-drip waits for a client that does not read", () => {
    const made = openRig("fragment-drip=1ms endless");
    made.backlog = 1024 * 1024;
    made.line.outgoing(text("ab"));
    vi.advanceTimersByTime(1000);
    expect(made.left).toHaveLength(1);
    made.backlog = 0;
    vi.advanceTimersByTime(20);
    expect(made.left.length).toBeGreaterThan(1);
  });

  test.each([
    "fragment-drip=0 endless",
    "fragment-drip=",
    "empty-fragments=0",
    "empty-fragments=2m",
  ])("%s is refused", (spec) => {
    expect(() => setOf([spec])).toThrow(expect.objectContaining({ code: "WSCTL_EUSAGE" }));
  });
});

describe("compressed messages", () => {
  test("bomb: small as it comes, as large as was asked for when inflated", () => {
    const made = rig("bomb=2560KiB");
    made.line.outgoing(compressedHead());
    const [frame] = framesOf(made);
    expect(frame).toMatchObject({ opcode: 2, fin: true, rsv: 4 });
    expect(frame!.data.length).toBeLessThan(4096);
    const inflated = inflateRawSync(Buffer.concat([frame!.data, tail]), { finishFlush: 2 });
    expect(inflated.equals(Buffer.alloc(2560 * 1024))).toBe(true);
    expect([...made.injected]).toEqual([["bomb", 1]]);
    expect([made.line.held, made.undelivered]).toEqual([0, -1]);
  });

  test("deflate-context-break: refers to what is not there, within the window", () => {
    const made = rig("deflate-context-break,at=2");
    made.line.outgoing(compressedHead());
    made.line.outgoing(text("a"));
    made.line.outgoing(text("b"));
    const frames = framesOf(made);
    expect(frames.map(({ opcode, rsv }) => [opcode, rsv])).toEqual([
      [1, 0],
      [1, 0],
      [1, 4],
    ]);
    const packed = Buffer.concat([frames[2]!.data, tail]);
    const inflate = (dictionary?: Buffer): string =>
      inflateRawSync(packed, {
        finishFlush: 2,
        windowBits: 10,
        ...(dictionary && { dictionary }),
      }).toString();
    expect(() => inflate()).toThrow(/too far back/);
    expect(() => inflate(Buffer.alloc(100))).toThrow(/too far back/);
    // With as much history as its window holds it is inflated, to something else than was said.
    expect(inflate(Buffer.alloc(1024, "x"))).toMatch(/^x+$/);
  });

  test.each(["bomb", "deflate-context-break", "bomb,at=1", "bomb,at=1s"])(
    "%s: where nothing was agreed, it does not act and does not count",
    (spec) => {
      const made = openRig(spec);
      made.line.outgoing(text("a"));
      vi.advanceTimersByTime(2000);
      expect(made.said()).toEqual(["101", "text a"]);
      expect(made.injected.size).toBe(0);
      expect(made.set.list()[0]!.fired).toBe(0);
    },
  );

  test("on a connection that was open before, the host says what was agreed", () => {
    const set = setOf([]);
    const [packs, plain] = [lineOf(set, 0, true, "permessage-deflate"), lineOf(set, 1, true)];
    set.add("bomb=1KiB");
    expect(framesOf(packs)).toHaveLength(1);
    expect(plain.left).toEqual([]);
  });

  test("a host that never agrees to it refuses", async () => {
    const { FaultSet } = await import("../../src/faults/fault-set.js");
    const set = new FaultSet({ seed: "", now: () => 0, compression: false });
    expect(() => set.add("bomb")).toThrow(/needs compression/);
    expect(() => set.add("deflate-context-break")).toThrow(/needs compression/);
    expect(set.list()).toEqual([]);
  });
});

describe("control frames", () => {
  test("wrong-pong: as long, and another", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 125 }), fc.string(), (payload, seed) => {
        const made = lineOf(setOf(["wrong-pong"], seed), 0, true);
        made.line.outgoing(encodeFrame({ opcode: 10 }, payload));
        const [pong] = framesOf(made);
        expect(pong!.opcode).toBe(10);
        expect(pong!.data).toHaveLength(payload.length === 0 ? 5 : payload.length);
        expect(pong!.data.equals(payload)).toBe(false);
        expect(made.injected.get("wrong-pong")).toBe(1);
        expect(made.line.held).toBe(0);
      }),
      { numRuns: 50 },
    );
  });

  test("data-after-close: behind the host's close, and behind another fault's", () => {
    const made = openRig("data-after-close=x");
    made.line.outgoing(control(8, "\x03\xe8"));
    expect(made.said()).toEqual(["101", "close 1000", "text x"]);
    expect(made.undelivered).toBe(0);
    const two = openRig("close-1012", "data-after-close");
    expect(two.said()).toEqual(["101", "close 1012", "text after the close"]);
    expect(two.injected.get("data-after-close")).toBe(1);
  });
});

describe("slow-consumer", () => {
  test("stops reading, until it is taken away", () => {
    const made = openRig("slow-consumer");
    expect(made.reads).toBe(false);
    expect(made.injected.get("slow-consumer")).toBe(1);
    made.set.remove(1);
    expect(made.reads).toBe(true);
  });

  test("at a rate: each read is paid for before the next", () => {
    const made = openRig("slow-consumer=1kB/s");
    expect(made.reads).toBe(true);
    made.line.incoming(Buffer.alloc(500));
    expect(made.reads).toBe(false);
    vi.advanceTimersByTime(499);
    expect(made.reads).toBe(false);
    vi.advanceTimersByTime(1);
    expect(made.reads).toBe(true);
  });

  test("for a time, and again", () => {
    const made = openRig("slow-consumer,at=1s,every=10s,for=2s");
    const seen = Array.from({ length: 14 }, () => {
      vi.advanceTimersByTime(1000);
      return made.reads ? 1 : 0;
    });
    expect(seen.join("")).toBe("00111111110011");
    expect(made.injected.get("slow-consumer")).toBe(2);
  });

  test("for a time: who comes in the middle is slow for the rest of it", () => {
    const set = setOf(["slow-consumer,at=1s,for=5s"]);
    vi.advanceTimersByTime(4000);
    const made = lineOf(set, 0, true);
    vi.advanceTimersByTime(0);
    expect(made.reads).toBe(false);
    vi.advanceTimersByTime(1999);
    expect(made.reads).toBe(false);
    vi.advanceTimersByTime(1);
    expect(made.reads).toBe(true);
  });

  test("two of them: it is read from when neither minds", () => {
    const made = openRig("slow-consumer", "slow-consumer");
    made.set.remove(1);
    expect(made.reads).toBe(false);
    made.set.remove(2);
    expect(made.reads).toBe(true);
  });
});
