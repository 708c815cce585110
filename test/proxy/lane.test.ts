/** Shows that a lane loses and changes nothing, whatever bytes come in whatever pieces; and what it hears. */
import { createDeflateRaw, constants, deflateRawSync } from "node:zlib";
import fc from "fast-check";
import type { Socket } from "node:net";
import { Writable } from "node:stream";
import { describe, expect, test } from "vitest";
import { encodeFrame } from "../../src/frame/encode.js";
import type { Brake } from "../../src/proxy/brake.js";
import { Inflater } from "../../src/proxy/inflater.js";
import type { Interference, Passing } from "../../src/proxy/interference.js";
import { Lane } from "../../src/proxy/lane.js";

/** A lane from the client to nowhere, and what left it. */
function lane(interference: Interference | undefined, maxPayload = 1000) {
  const left: Buffer[] = [];
  const heard: string[] = [];
  const to = new Writable({
    highWaterMark: 2 ** 30,
    write(chunk: Buffer, _encoding, done) {
      left.push(chunk);
      done();
    },
  });
  const brake: Pick<Brake, "hold" | "release"> = { hold() {}, release() {} };
  const made = new Lane(brake as Brake, to as unknown as Socket);
  made.listen(
    { direction: "out", maxPayload, inflater: new Inflater(false, maxPayload), payloads: true },
    {
      message: ({ opcode, payload }) => heard.push(`${opcode} ${payload?.toString("latin1")}`),
      control: (opcode, payload) => heard.push(`${opcode} ${payload.toString("latin1")}`),
      broken: () => heard.push("broken"),
      note() {},
      takenAway() {},
      cut: () => heard.push("cut"),
    },
    interference,
  );
  return { lane: made, heard, left: () => Buffer.concat(left) };
}

const passing: Interference = { judge: () => undefined, committed: false };

/** Bytes in pieces that end at those places. */
function pieces(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...places].map((from, index) => bytes.subarray(from, places[index] ?? bytes.length));
}

const frame = fc
  .record({
    opcode: fc.constantFrom(0, 1, 2, 9, 10),
    fin: fc.boolean(),
    rsv: fc.constantFrom(0, 0, 0, 4),
    mask: fc.constantFrom(0, 1, 0xdeadbeef),
    payload: fc.oneof(
      fc.uint8Array({ maxLength: 20 }),
      fc.constantFrom(130, 1200, 70_000).map((size) => new Uint8Array(size)),
    ),
  })
  .map(({ payload, ...head }) => encodeFrame(head, payload));

const streams = fc
  .array(fc.oneof({ weight: 9, arbitrary: frame }, fc.uint8Array({ maxLength: 30 })), {
    maxLength: 12,
  })
  .map((all) => Buffer.concat(all.map((each) => Buffer.from(each))));

describe("any bytes in any pieces", () => {
  const sorted = (bytes: Buffer): Buffer => Buffer.from(bytes).sort();

  test("leave as they came, judged ones but for the places of control frames, and are heard alike", () => {
    fc.assert(
      fc.property(streams, fc.array(fc.nat(200_000), { maxLength: 20 }), (bytes, cuts) => {
        const results = [undefined, passing].map((interference) => {
          const { lane: one, left, heard } = lane(interference);
          // Only the sieve may keep what it is fed: it gets bytes of its own.
          for (const piece of pieces(Buffer.from(bytes), cuts)) one.take(piece);
          one.finish();
          if (interference) expect(sorted(left()).equals(sorted(bytes))).toBe(true);
          else expect(left().equals(bytes)).toBe(true);
          return heard;
        });
        expect(results[0]).toEqual(results[1]);
      }),
      { numRuns: 150 },
    );
  });

  test("what is dropped is whole messages, and nothing else", () => {
    const texts = fc.array(fc.constantFrom("drop", "a", "be", "c".repeat(200)), { maxLength: 10 });
    fc.assert(
      fc.property(texts, fc.array(fc.nat(3000), { maxLength: 20 }), (all, cuts) => {
        const dropping: Interference = {
          judge: ({ payload }: Passing) =>
            payload.toString() === "drop" ? { bytes: Buffer.alloc(0) } : undefined,
          committed: true,
        };
        const { lane: one, left } = lane(dropping);
        const frames = all.map((text) => encodeFrame({ opcode: 1, mask: 7 }, Buffer.from(text)));
        for (const piece of pieces(Buffer.concat(frames), cuts)) one.take(piece);
        const kept = frames.filter((_, index) => all[index] !== "drop");
        expect(left().equals(Buffer.concat(kept))).toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  test("a flood of empty fragments, byte by byte, is not held for ever", () => {
    const { lane: one, left, heard } = lane(passing);
    const begin = encodeFrame({ opcode: 1, fin: false, mask: 0 }, Buffer.alloc(0));
    const more = encodeFrame({ opcode: 0, fin: false, mask: 0 }, Buffer.alloc(0));
    const end = encodeFrame({ opcode: 0, mask: 0 }, Buffer.from("x"));
    const count = 12_000;
    one.take(begin);
    for (let n = 0; n < count; n++) for (const byte of more) one.take(Buffer.of(byte));
    expect(left().length).toBeGreaterThan(1000 * more.length);
    one.take(end);
    expect(left()).toHaveLength(begin.length + count * more.length + end.length);
    expect(heard).toEqual(["1 x"]);
  });
});

describe("compressed messages", () => {
  /** What a sender makes of messages one after the other, its window kept. */
  async function packed(messages: readonly Buffer[], windowBits: number): Promise<Buffer[]> {
    const deflater = createDeflateRaw({ windowBits });
    const all: Buffer[] = [];
    for (const message of messages) {
      const chunks: Buffer[] = [];
      const take = (chunk: Buffer): void => void chunks.push(chunk);
      deflater.on("data", take);
      deflater.write(message);
      await new Promise<void>((resolve) => deflater.flush(constants.Z_SYNC_FLUSH, resolve));
      deflater.off("data", take);
      const whole = Buffer.concat(chunks);
      all.push(whole.length >= 4 ? whole.subarray(0, -4) : Buffer.of(0));
    }
    deflater.close();
    return all;
  }

  test.each([9, 12, 15])("are read with a window of %i bits carried over", async (bits) => {
    const line = Buffer.from("the same words, again and again; ".repeat(40));
    const noise = Buffer.from(Array.from({ length: 70_000 }, (_, at) => (at * at * 31) & 255));
    const messages = [line, Buffer.alloc(0), noise, line, noise.subarray(30_000), line, line];
    const inflater = new Inflater(true, 100_000);
    for (const [index, message] of (await packed(messages, bits)).entries()) {
      const { payload } = inflater.inflate(message);
      expect(payload?.equals(messages[index]!)).toBe(true);
    }
  });

  test("a final block ends a message, not the conversation", () => {
    const inflater = new Inflater(true, 1000);
    const final = Buffer.concat([deflateRawSync("final"), Buffer.of(0)]);
    expect(inflater.inflate(final)).toEqual({ payload: Buffer.from("final") });
    expect(inflater.inflate(final)).toEqual({ payload: Buffer.from("final") });
  });

  test("one that cannot be read: without a history only it, with one what looks back as well", () => {
    const good = deflateRawSync("good", { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
    const bad = Buffer.from("ffffff", "hex");
    const forgetful = new Inflater(false, 1000);
    expect(forgetful.inflate(bad)).toEqual({ payload: undefined, why: "not deflate" });
    expect(forgetful.inflate(good)).toEqual({ payload: Buffer.from("good") });
    const carrying = new Inflater(true, 1000);
    expect(carrying.inflate(bad)).toEqual({ payload: undefined, why: "not deflate" });
    expect(carrying.inflate(good)).toEqual({ payload: Buffer.from("good") });
    const skipping = new Inflater(true, 1000);
    skipping.skip();
    const dictionary = Buffer.from("what was said before");
    const finishFlush = constants.Z_SYNC_FLUSH;
    const looking = deflateRawSync(dictionary, { dictionary, finishFlush }).subarray(0, -4);
    expect(skipping.inflate(looking)).toEqual({ payload: undefined, why: "history lost" });
    expect(skipping.inflate(good)).toEqual({ payload: Buffer.from("good") });
  });
});
