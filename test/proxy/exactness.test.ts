/**
 * Shows that what passes arrives byte for byte, both ways, whatever its frames are like and however
 * they were written; and that what was heard of it is right.
 */
import { deflateRawSync, constants } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test, vi } from "vitest";
import { encodeFrame, type OutgoingFrame } from "../../src/frame/encode.js";
import type { Interfere } from "../../src/proxy/interference.js";
import { directory, joined, recorded, type Wiretap } from "./running.js";

/** Something odd, and what is heard of it: text as it is, binary in hex. */
interface Sample {
  readonly frames: readonly (readonly [OutgoingFrame, Uint8Array])[];
  readonly heard: readonly string[];
}

const packed = (text: string): Buffer =>
  deflateRawSync(text, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
const bytes = (text: string): Buffer => Buffer.from(text);
const empty = Buffer.alloc(0);
const big = Buffer.alloc(70_000, "x");
const zipped = packed("compressed in three frames");

const samples: Readonly<Record<string, Sample>> = {
  "a text": { frames: [[{ opcode: 1 }, bytes("hello")]], heard: ["hello"] },
  "a binary message": { frames: [[{ opcode: 2 }, Buffer.of(0, 255, 1)]], heard: ["00ff01"] },
  "an empty message": { frames: [[{ opcode: 1 }, empty]], heard: [""] },
  "125, 126 and 65,535 bytes": {
    frames: [125, 126, 65_535].map((size) => [{ opcode: 1 }, big.subarray(0, size)]),
    heard: [125, 126, 65_535].map((size) => "x".repeat(size)),
  },
  "a 64-bit length": { frames: [[{ opcode: 1 }, big]], heard: [big.toString()] },
  "fragments, a ping between them": {
    frames: [
      [{ opcode: 1, fin: false }, bytes("fr")],
      [{ opcode: 9 }, bytes("now?")],
      [{ opcode: 0, fin: false }, bytes("ag")],
      [{ opcode: 10 }, empty],
      [{ opcode: 0 }, bytes("ments")],
    ],
    heard: ["9:now?", "10:", "fragments"],
  },
  "empty fragments": {
    frames: [
      [{ opcode: 2, fin: false }, empty],
      [{ opcode: 0, fin: false }, empty],
      [{ opcode: 0, fin: false }, Buffer.of(7)],
      [{ opcode: 0 }, empty],
    ],
    heard: ["07"],
  },
  "compressed, in one frame and in fragments": {
    frames: [
      [{ opcode: 1, rsv: 4 }, packed("deflated")],
      [{ opcode: 1, rsv: 4, fin: false }, zipped.subarray(0, 4)],
      [{ opcode: 9 }, empty],
      [{ opcode: 0, fin: false }, zipped.subarray(4, 5)],
      [{ opcode: 0 }, zipped.subarray(5)],
      [{ opcode: 1 }, bytes("as it is")],
    ],
    heard: ["deflated", "9:", "compressed in three frames", "as it is"],
  },
  "text that is not UTF-8": {
    frames: [[{ opcode: 1 }, Buffer.of(0x61, 0xff)]],
    heard: ["a\u{fffd}"],
  },
  "the largest ping": {
    frames: [[{ opcode: 9 }, big.subarray(0, 125)]],
    heard: [`9:${"x".repeat(125)}`],
  },
};

const masks = [0, 0xff_ff_ff_ff, 0x12_34_56_78, 0x00_00_00_01];

/**
 * The frames of a sample as a client writes them, or a server.
 * @param isJudged whether control frames overtake the message they came in the middle of
 */
function written({ frames }: Sample, from: "client" | "server", isJudged = false): Buffer {
  const all = writtenFrames(frames, from);
  if (!isJudged) return Buffer.concat(all);
  const left: Buffer[] = [];
  let held: Buffer[] = [];
  for (const [index, [{ opcode = 0, fin = true }]] of frames.entries()) {
    if (opcode >= 8) {
      left.push(all[index]!);
      continue;
    }
    held.push(all[index]!);
    if (fin) left.push(...held);
    if (fin) held = [];
  }
  return Buffer.concat(left);
}

function writtenFrames(frames: Sample["frames"], from: "client" | "server"): Buffer[] {
  return frames.map(([frame, payload], index) =>
    encodeFrame(
      from === "client" ? { ...frame, mask: masks[index % masks.length]! } : frame,
      payload,
    ),
  );
}

/** Writes in pieces of that size; each leaves by itself where they are few. */
async function write(to: Wiretap, all: Buffer, size: number): Promise<void> {
  for (let at = 0; at < all.length; at += size) {
    to.socket.write(all.subarray(at, at + size));
    if (all.length / size < 200) await new Promise((resolve) => void setImmediate(resolve));
  }
}

const passAll: Interfere = () => {
  const all = { judge: () => undefined, committed: false };
  return { in: all, out: all };
};

const deflate = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";

describe.each([
  ["untouched", undefined],
  ["judged, and let go", passAll],
])("frames that are %s", (_what, interfere) => {
  test.each(Object.entries(samples))("%s", { timeout: 20_000 }, async (_name, sample) => {
    const dir = directory();
    const record = { directory: dir, tool: "test", pause: true };
    const { proxy, client, server } = await joined({ interfere, record }, deflate);
    const sizes = [1, 3, 1000, Infinity];
    for (const size of sizes) {
      const fromClient = written(sample, "client");
      const fromServer = written(sample, "server");
      const toServer = written(sample, "client", interfere !== undefined);
      const toClient = written(sample, "server", interfere !== undefined);
      const [pieces] = [size === 1 && fromClient.length > 1000 ? 997 : size];
      await Promise.all([write(client, fromClient, pieces), write(server, fromServer, pieces)]);
      expect((await server.take(toServer.length)).equals(toServer)).toBe(true);
      expect((await client.take(toClient.length)).equals(toClient)).toBe(true);
    }
    for (const direction of ["in", "out"] as const) {
      const heard = proxy.events.flatMap((event) => {
        if (event.event === "control" && event.direction === direction) {
          return [`${event.opcode}:${event.data.toString()}`];
        }
        if (event.event !== "message" || event.direction !== direction) return [];
        return [event.data?.toString(event.binary ? "hex" : "utf8")];
      });
      expect(heard).toEqual(sizes.flatMap(() => sample.heard));
    }
    await proxy.close();
    const lines = recorded(dir);
    const said = lines.filter(({ k }) => k === "in" || k === "out");
    expect(said).toHaveLength(2 * sizes.length * sample.heard.length);
    expect(lines.at(-1)).toMatchObject({ k: "end" });
  });
});

test("any messages, in any pieces", { timeout: 20_000 }, async () => {
  const { client, server } = await joined({ interfere: passAll });
  const frames = fc.array(
    fc.record({
      opcode: fc.constantFrom(1, 2, 9, 10),
      mask: fc.nat(0xff_ff_ff_ff),
      payload: fc.uint8Array({ maxLength: 125 }),
    }),
    { minLength: 1, maxLength: 8 },
  );
  await fc.assert(
    fc.asyncProperty(frames, fc.integer({ min: 1, max: 300 }), async (all, size) => {
      const sent = Buffer.concat(
        all.map(({ opcode, mask, payload }) => encodeFrame({ opcode, mask }, payload)),
      );
      await write(client, sent, size);
      expect((await server.take(sent.length)).equals(sent)).toBe(true);
    }),
    { numRuns: 60 },
  );
});

describe.each([
  ["untouched", undefined],
  ["judged", passAll],
])("what breaks the protocol goes on all the same (%s)", (_what, interfere) => {
  test.each([
    ["a length in a longer form than it needs", "82fe0001000000002a"],
    ["a 64-bit length that 16 bits would hold", "82ff00000000000000010000000041"],
    ["reserved bits", "f1810000000061"],
    ["a reserved opcode", "838100000000aa"],
    ["a continuation of nothing", "80810000000061"],
    ["a frame that is not masked", "810161"],
    ["a message inside of a message", "0181000000006101810000000062"],
    ["no frames at all", "ffffffffffffffffffffffffffffffff"],
  ])("%s", async (_name, hex) => {
    const dir = directory();
    const record = { directory: dir, tool: "test", pause: true };
    const { proxy, client, server } = await joined({ interfere, record });
    const good = encodeFrame({ opcode: 1, mask: 1 }, bytes("before"));
    const sent = Buffer.concat([good, Buffer.from(hex, "hex"), bytes("and whatever follows")]);
    await write(client, sent, 3);
    expect(await server.take(sent.length)).toEqual(sent);
    const back = encodeFrame({ opcode: 1 }, bytes("the other direction is well"));
    server.socket.write(back);
    expect(await client.take(back.length)).toEqual(back);
    expect(proxy.events.filter(({ event }) => event === "note")).toMatchObject([
      { connection: 1, text: expect.stringContaining("can no longer be read") },
    ]);
    expect(proxy.stats().messages).toMatchObject({ in: 1, out: 1 });
    await proxy.close();
    expect(recorded(dir).map(({ k, why }) => why ?? k)).toEqual([
      undefined,
      "upgrade",
      "out",
      "broken",
      "in",
      "mark",
      "close",
      "end",
    ]);
  });
});

describe("bounds", () => {
  test("a message over the bound passes, and is a gap in the recording", async () => {
    const dir = directory();
    const record = { directory: dir, tool: "test", pause: true };
    for (const interfere of [undefined, passAll]) {
      const { proxy, client, server } = await joined({ record, maxPayload: 1000, interfere });
      const large = encodeFrame({ opcode: 1, mask: 5 }, big);
      const part = encodeFrame({ opcode: 1, fin: false, mask: 5 }, big.subarray(0, 900));
      const ping = encodeFrame({ opcode: 9, mask: 5 }, empty);
      const rest = Buffer.concat([
        encodeFrame({ opcode: 0, fin: false, mask: 5 }, big.subarray(0, 900)),
        encodeFrame({ opcode: 0, mask: 5 }, big.subarray(0, 900)),
      ]);
      const small = encodeFrame({ opcode: 1, mask: 5 }, bytes("small"));
      const sent = Buffer.concat([large, part, ping, rest, small]);
      await write(client, sent, 500);
      // A ping does not wait for a message that is held.
      const left = interfere ? Buffer.concat([large, ping, part, rest, small]) : sent;
      expect((await server.take(left.length)).equals(left)).toBe(true);
      const heard = proxy.events.filter(({ event }) => event === "message");
      expect(heard).toMatchObject([
        { data: undefined, size: 70_000, wire: 70_014 },
        { data: undefined, size: 2700, frames: 3 },
        { data: bytes("small"), size: 5 },
      ]);
      await proxy.close();
    }
    const gaps = recorded(dir).filter(({ k }) => k === "gap");
    expect(gaps).toMatchObject([
      { why: "too large", missed: 1 },
      { why: "too large", missed: 1 },
    ]);
  });

  test("of a compressed one it is said how large it is inflated, as far as that is known", async () => {
    const dir = directory();
    const record = { directory: dir, tool: "test", pause: true };
    const { proxy, client, server } = await joined(
      { record, maxPayload: 1000 },
      "permessage-deflate",
    );
    const [some, many] = [packed("x".repeat(3000)), packed("y".repeat(90_000))];
    const sent = [some, many].map((payload) =>
      encodeFrame({ opcode: 1, rsv: 4, mask: 5 }, payload),
    );
    client.socket.write(Buffer.concat(sent));
    await server.take(Buffer.concat(sent).length);
    await vi.waitFor(() => expect(proxy.stats().messages.out).toBe(2));
    await proxy.close();
    const known = "a message of 3000 bytes";
    const guessed = `a message of ${many.length} bytes compressed, more than 3.91 KiB inflated`;
    expect(proxy.events.flatMap((event) => (event.event === "note" ? event.text : []))).toEqual([
      `${known} from the client passed unread: too large`,
      `${guessed} from the client passed unread: far too large; what refers to it cannot be read either`,
    ]);
    const marks = recorded(dir).flatMap(({ k, text }) => (k === "mark" ? [text] : []));
    expect(marks.slice(0, 2)).toEqual([
      `left out: ${known} (out, opcode 1)`,
      `left out: ${guessed} (out, opcode 1); what refers to it cannot be read either`,
    ]);
  });

  test("a bomb is not inflated; what refers to it cannot be read, and passes", async () => {
    const { proxy, client, server } = await joined({ maxPayload: 10_000 }, "permessage-deflate");
    const bomb = deflateRawSync(Buffer.alloc(10_000_000), { finishFlush: constants.Z_SYNC_FLUSH });
    const dictionary = Buffer.alloc(30_000);
    const finishFlush = constants.Z_SYNC_FLUSH;
    const looking = deflateRawSync(Buffer.alloc(99), { dictionary, finishFlush });
    const sent = Buffer.concat([
      encodeFrame({ opcode: 1, rsv: 4, mask: 0 }, packed("before")),
      encodeFrame({ opcode: 2, rsv: 4, mask: 0 }, bomb.subarray(0, 9000)),
      encodeFrame({ opcode: 2, rsv: 4, mask: 0 }, looking.subarray(0, -4)),
      encodeFrame({ opcode: 1, rsv: 4, mask: 0 }, packed("after")),
      encodeFrame({ opcode: 1, mask: 0 }, bytes("plain")),
    ]);
    client.socket.write(sent);
    expect((await server.take(sent.length)).equals(sent)).toBe(true);
    await vi.waitFor(() => expect(proxy.stats().messages.out).toBe(5));
    const heard = proxy.events.flatMap((event) =>
      event.event === "message" ? [event.data?.toString()] : [],
    );
    expect(heard).toEqual(["before", undefined, undefined, "after", "plain"]);
  });
});
