/** Shows that frames made once, and gathered into one write, are what each connection meant to say. */
import { once } from "node:events";
import type { Socket } from "node:net";
import tls from "node:tls";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FramePool } from "../../src/load/frame-pool.js";
import { Slab } from "../../src/load/slab.js";
import type { PlanMessage } from "../../src/scenario/plan.js";
import { makeCertificates } from "../support/certificates.js";
import { ServerEar, socketPair, until } from "./pair.js";

function message(opcode: 1 | 2, payload: Buffer | string): PlanMessage {
  return { opcode, payload: Buffer.from(payload).toString("base64") };
}

const poolMessages = fc.array(
  fc.record({
    opcode: fc.constantFrom(1 as const, 2 as const),
    size: fc.oneof(fc.integer({ min: 0, max: 300 }), fc.constantFrom(125, 126, 65_535, 65_536)),
  }),
  { minLength: 1, maxLength: 5 },
);

describe("a frame pool", () => {
  test("holds masked frames that decode to the payloads, in turn", () => {
    fc.assert(
      fc.property(poolMessages, fc.integer({ min: 1, max: 60 }), (specs, rounds) => {
        const payloads = specs.map(({ size }, i) => Buffer.alloc(size, 65 + i));
        const pool = new FramePool(specs.map(({ opcode }, i) => message(opcode, payloads[i]!)));
        const ear = new ServerEar();
        for (let round = 0; round < rounds; round++) {
          ear.feed(pool.frame(round));
          const turn = round % specs.length;
          expect(pool.payloadSize(round)).toBe(payloads[turn]!.length);
          expect(ear.said[round]!.opcode).toBe(specs[turn]!.opcode);
          expect(ear.said[round]!.payload.equals(payloads[turn]!)).toBe(true);
        }
        expect(ear.said).toHaveLength(rounds);
      }),
      { numRuns: 40 },
    );
  });

  test("masks the same message with different keys, and other keys in the next run", () => {
    const keys = (pool: FramePool): string[] =>
      Array.from({ length: 16 }, (_, round) => pool.frame(round).toString("hex", 2, 6));
    const [one, other] = [message(1, "x")].flatMap((only) => [
      keys(new FramePool([only])),
      keys(new FramePool([only])),
    ]);
    expect(new Set(one).size).toBeGreaterThan(10);
    expect(one).not.toEqual(other);
  });

  test("does not multiply large payloads", () => {
    const pool = new FramePool([message(2, Buffer.alloc(20 * 1024 * 1024))]);
    expect(pool.frame(0)).toBe(pool.frame(1));
  });
});

/** Keeps what is handed to the socket. */
function spyOn(socket: Socket): Buffer[] {
  const handed: Buffer[] = [];
  const write = socket.write.bind(socket);
  socket.write = (bytes: unknown) => {
    handed.push(bytes as Buffer);
    return write(bytes as Buffer);
  };
  return handed;
}

/** How much memory a buffer keeps from being freed. */
const heldBy = (bytes: Buffer): number => bytes.buffer.byteLength;

describe("a slab", () => {
  const small = new FramePool([message(1, "a"), message(1, "bb"), message(2, "c".repeat(300))]);

  test.each([
    ["one frame", 0, 1],
    ["several frames", 0, 7],
    ["none", 3, 3],
    ["from the middle", 5, 9],
    ["more than a slab holds", 0, 2000],
  ])("writes %s in order, and says how many bytes", async (_what, from, to) => {
    const { near, far } = await socketPair();
    const ear = new ServerEar();
    far.on("data", (chunk: Buffer) => ear.feed(chunk));
    const expected = Buffer.concat(
      Array.from({ length: to - from }, (_, i) => small.frame(from + i)),
    );
    expect(new Slab().write(near, small, from, to)).toBe(expected.length);
    near.end();
    await once(far, "end");
    expect(ear.said).toHaveLength(to - from);
    expect(near.bytesWritten).toBe(expected.length);
  });

  test("gathers what fits into one write", async () => {
    const { near } = await socketPair();
    let writes = 0;
    const write = near.write.bind(near);
    near.write = (bytes: unknown) => {
      writes++;
      return write(bytes as Buffer);
    };
    new Slab().write(near, small, 0, 100);
    expect(writes).toBe(1);
  });

  test("writes frames larger than itself between small ones, in order", async () => {
    const mixed = new FramePool([
      message(1, "before"),
      message(2, Buffer.alloc(200_000, 1)),
      message(1, "after"),
    ]);
    const { near, far } = await socketPair();
    const ear = new ServerEar();
    far.on("data", (chunk: Buffer) => ear.feed(chunk));
    new Slab().write(near, mixed, 0, 6);
    await until(() => ear.said.length === 6);
    expect(ear.said.map(({ payload }) => payload.length)).toEqual([6, 200_000, 5, 6, 200_000, 5]);
  });

  test("behind a queue hands over exactly what is due, and no slab each time", async () => {
    const { near, far } = await socketPair();
    far.pause();
    const slab = new Slab();
    const bulk = Buffer.alloc(1024 * 1024, 7);
    let before = 0;
    for (; before < 100 && near.writableLength === 0; before++) near.write(bulk);
    expect(near.writableLength).toBeGreaterThan(0);
    const handed = spyOn(near);
    for (let round = 0; round < 600; round += 3) slab.write(near, small, round, round + 3);
    expect(handed).toHaveLength(200);
    const sent = Buffer.concat(Array.from({ length: 600 }, (_, round) => small.frame(round)));
    expect(Buffer.concat(handed).equals(sent)).toBe(true);
    for (const bytes of handed) expect(heldBy(bytes)).toBeLessThanOrEqual(Buffer.poolSize);
    const chunks: Buffer[] = [];
    far.on("data", (chunk: Buffer) => chunks.push(chunk)).resume();
    near.end();
    await once(far, "end");
    expect(
      Buffer.concat(chunks)
        .subarray(before * bulk.length)
        .equals(sent),
    ).toBe(true);
  });

  test("over TLS hands over exact copies, which stay as they are", async () => {
    const { server } = await makeCertificates();
    const { near, far } = await socketPair();
    const there = new tls.TLSSocket(far, { isServer: true, cert: server.cert, key: server.key });
    const here = tls.connect({ socket: near, rejectUnauthorized: false });
    there.on("error", () => {});
    await once(here, "secureConnect");
    const ear = new ServerEar();
    there.on("data", (chunk: Buffer) => ear.feed(chunk));
    const handed = spyOn(here);
    const slab = new Slab();
    const other = await socketPair();
    other.far.resume();
    for (let round = 0; round < 300; round += 3) {
      slab.write(here, small, round, round + 3);
      // The slab itself goes on to serve others.
      slab.write(other.near, small, round + 1, round + 9);
    }
    await until(() => ear.said.length === 300);
    for (const bytes of handed) expect(heldBy(bytes)).toBeLessThanOrEqual(Buffer.poolSize);
    const sizes = ear.said.map(({ opcode, payload }) => [opcode, payload.length]);
    expect(sizes).toEqual(
      Array.from({ length: 100 }, () => [
        [1, 1],
        [1, 2],
        [2, 300],
      ]).flat(),
    );
    here.destroy();
  });

  test("leaves a blocked socket its bytes, while it serves others from the same memory", async () => {
    const slab = new Slab();
    const slow = await socketPair();
    const quick = await socketPair();
    slow.far.pause();
    const pools = ["s", "q"].map((letter) => new FramePool([message(1, letter.repeat(9000))]));
    const sent: Buffer[] = [];
    let rounds = 0;
    // Until the kernel takes no more, and then some.
    for (let more = 0; more < 20 && rounds < 20_000; rounds += 3) {
      slab.write(slow.near, pools[0]!, rounds, rounds + 3);
      for (let i = 0; i < 3; i++) sent.push(pools[0]!.frame(rounds + i));
      if (slow.near.writableLength > 0) more++;
      slab.write(quick.near, pools[1]!, rounds, rounds + 3);
      quick.far.resume();
      if (rounds % 30 === 0) await new Promise(setImmediate);
    }
    expect(slow.near.writableLength).toBeGreaterThan(0);
    const chunks: Buffer[] = [];
    slow.far.on("data", (chunk: Buffer) => chunks.push(chunk)).resume();
    slow.near.end();
    await once(slow.far, "end");
    expect(Buffer.concat(chunks).equals(Buffer.concat(sent))).toBe(true);
  });
});
