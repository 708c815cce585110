/** Shows that a compressed message over the bound does not take those with it that refer to it. */
import { randomBytes } from "node:crypto";
import { createDeflateRaw, constants, type DeflateRaw } from "node:zlib";
import { expect, test } from "vitest";
import { encodeFrame } from "../../src/frame/encode.js";
import { Inflater } from "../../src/proxy/inflater.js";
import { Tap } from "../../src/proxy/tap.js";

/** One message of a sender that goes on with its window. */
function packed(deflate: DeflateRaw, text: string): Promise<Buffer> {
  return new Promise((resolve) => {
    const pieces: Buffer[] = [];
    const keep = (piece: Buffer): number => pieces.push(piece);
    deflate.on("data", keep);
    deflate.write(text);
    deflate.flush(constants.Z_SYNC_FLUSH, () => {
      deflate.off("data", keep);
      resolve(Buffer.concat(pieces).subarray(0, -4));
    });
  });
}

test("what refers to a message over the bound is read, up to four times the bound", async () => {
  const deflate = createDeflateRaw();
  const inflater = new Inflater(true, 1000);
  const large = Array.from({ length: 350 }, (_, index) => `${index}`.padStart(10, "x")).join("");
  const read = async (text: string): Promise<string | undefined> => {
    const found = inflater.inflate(await packed(deflate, text));
    return found.payload ? found.payload.toString() : found.why;
  };
  expect(await read("before")).toBe("before");
  expect(await read(large)).toBe("too large");
  expect(await read(large.slice(-900))).toBe(large.slice(-900));
  expect(await read("y".repeat(4001))).toBe("far too large");
  expect(await read("after yyyyyyyyyyyyy")).toBe("history lost");
});

test("behind a message that was given up, each is read that looks back no further", async () => {
  const deflate = createDeflateRaw();
  const inflater = new Inflater(true, 1000);
  const read = async (text: string): Promise<string | undefined> => {
    const found = inflater.inflate(await packed(deflate, text));
    return found.payload ? found.payload.toString() : found.why;
  };
  // What is said with context, and is read with none.
  const other = (n: number): string => `${String.fromCharCode(97 + n)}${n * 7919}`;
  expect(await read("said before")).toBe("said before");
  expect(await read("y".repeat(5000))).toBe("far too large");
  expect(await read(other(1))).toBe(other(1));
  expect(await read("said before")).toBe("history lost");
  expect(await read(other(2))).toBe(other(2));
  expect(await read(`${other(2)} again`)).toBe(`${other(2)} again`);
  // Of characters that nothing before it has: by chance it would look back to what was lost.
  const strange = (digit: string): string => "GHJKLMNPQRSTUVWX".charAt(Number.parseInt(digit, 16));
  const noise = Array.from({ length: 80 }, () =>
    randomBytes(450).toString("hex").replace(/./g, strange),
  );
  for (const text of noise) expect(await read(text)).toBe(text);
  expect(inflater.inflate(Buffer.from("no deflate"))).toMatchObject({ why: "not deflate" });
});

test("without a window that goes on nothing is lost with a message over the bound", async () => {
  const inflater = new Inflater(false, 1000);
  const one = await packed(createDeflateRaw(), "x".repeat(100_000));
  expect(inflater.inflate(one)).toMatchObject({ payload: undefined, why: "too large" });
  const next = await packed(createDeflateRaw(), "next");
  expect(inflater.inflate(next).payload?.toString()).toBe("next");
});

test("a tap keeps hearing behind a message that is over the bound on the wire already", async () => {
  const deflate = createDeflateRaw();
  const noise = randomBytes(1500).toString("latin1");
  const inflater = new Inflater(true, 1000);
  const heard: (string | undefined)[] = [];
  const tap = new Tap(
    { direction: "in", inflater, maxPayload: 1000, payloads: true },
    {
      message: ({ payload, missing }) => void heard.push(payload?.toString() ?? missing),
      control() {},
      broken: ({ message }) => void heard.push(message),
    },
  );
  for (const text of [noise, noise.slice(-300), "plain words"]) {
    const payload = await packed(deflate, text);
    const half = payload.length >> 1;
    tap.feed(encodeFrame({ opcode: 1, rsv: 4, fin: false }, payload.subarray(0, half)));
    tap.feed(encodeFrame({ opcode: 0 }, payload.subarray(half)));
  }
  expect(heard).toEqual(["too large", noise.slice(-300), "plain words"]);
});
