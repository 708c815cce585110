import type { Writable } from "node:stream";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as ws from "ws";
import { encodeFrame } from "../../src/frame/encode.js";
import { Opcode } from "../../src/frame/opcode.js";
import { ProtocolViolation } from "../../src/frame/violation.js";
import { anyCuts, anyMask, feedCut, messageRecorder } from "./recorder.js";

// The peer implementation: what it writes we must read, and what we write it must read.

interface WsSender {
  send(
    data: Buffer,
    options: { binary: boolean; fin: boolean; mask: boolean; compress: false },
    done?: () => void,
  ): void;
  ping(data: Buffer, mask: boolean, done?: () => void): void;
  close(code: number, reason: string, mask: boolean, done?: () => void): void;
}

// `ws` exports both, but its types leave them out.
const { Sender, Receiver } = ws as unknown as {
  Sender: new (socket: unknown) => WsSender;
  Receiver: new (options: { isServer: boolean; maxPayload: number }) => Writable;
};

/** A sender of `ws`, and the bytes it has written. */
function wsSender(): { sender: WsSender; written: () => Buffer } {
  const pieces: Buffer[] = [];
  const socket = {
    cork: () => {},
    uncork: () => {},
    write: (piece: Buffer | string) => pieces.push(Buffer.from(piece as Buffer)),
  };
  return { sender: new Sender(socket), written: () => Buffer.concat(pieces) };
}

type Heard = [kind: string, payload: string];

/** What a receiver of `ws` makes of the bytes. */
async function wsHears(
  bytes: Buffer,
  isServer: boolean,
): Promise<{ heard: Heard[]; failed: boolean }> {
  const receiver = new Receiver({ isServer, maxPayload: 1 << 20 });
  const heard: Heard[] = [];
  receiver.on("message", (data: Buffer, binary: boolean) =>
    heard.push([binary ? "binary" : "text", data.toString("hex")]),
  );
  receiver.on("ping", (data: Buffer) => heard.push(["ping", data.toString("hex")]));
  receiver.on("pong", (data: Buffer) => heard.push(["pong", data.toString("hex")]));
  receiver.on("conclude", (code: number, reason: Buffer) =>
    heard.push(["close", `${code} ${reason.toString("hex")}`]),
  );
  let failed = false;
  receiver.on("error", () => {
    failed = true;
  });
  await new Promise<void>((resolve) => {
    receiver.write(Buffer.from(bytes), () => resolve());
  });
  return { heard, failed };
}

const kinds: Record<number, string> = { 1: "text", 2: "binary", 8: "close", 9: "ping", 10: "pong" };

/** What our reader makes of them, in the same words. */
function weHear(
  bytes: Buffer,
  role: "client" | "server",
  cuts: readonly number[] = [],
): { heard: Heard[]; violation: ProtocolViolation | undefined } {
  const { reader, seen } = messageRecorder({ role });
  let violation: ProtocolViolation | undefined;
  try {
    feedCut(reader, bytes, cuts);
  } catch (thrown) {
    if (!(thrown instanceof ProtocolViolation)) throw thrown;
    violation = thrown;
  }
  const heard = seen.map(([opcode, payload]): Heard => {
    if (opcode !== Opcode.close) return [kinds[opcode] ?? "?", payload];
    const code = payload === "" ? 1005 : Number.parseInt(payload.slice(0, 4), 16);
    return ["close", `${code} ${payload.slice(4)}`];
  });
  return { heard, violation };
}

const anyMessage = fc.record({
  binary: fc.boolean(),
  parts: fc.array(fc.string({ unit: "binary", maxLength: 150, size: "max" }), {
    minLength: 1,
    maxLength: 4,
  }),
  ping: fc.option(fc.uint8Array({ maxLength: 125 }), { nil: undefined }),
});

describe("against ws", () => {
  test.each(["client", "server"] as const)("what its Sender writes, our %s reads", (role) => {
    const mask = role === "server";
    fc.assert(
      fc.property(fc.array(anyMessage, { maxLength: 5 }), anyCuts, (messages, cuts) => {
        const { sender, written } = wsSender();
        const expected: Heard[] = [];
        for (const { binary, parts, ping } of messages) {
          for (const [index, part] of parts.entries()) {
            const fin = index === parts.length - 1;
            sender.send(Buffer.from(part), { binary, fin, mask, compress: false });
            if (ping === undefined || fin) continue;
            sender.ping(Buffer.from(ping), mask);
            expected.push(["ping", Buffer.from(ping).toString("hex")]);
          }
          const whole = Buffer.from(parts.join("")).toString("hex");
          expected.push([binary ? "binary" : "text", whole]);
        }
        sender.close(1001, "done", mask);
        expected.push(["close", `1001 ${Buffer.from("done").toString("hex")}`]);
        expect(weHear(written(), role, cuts)).toEqual({ heard: expected, violation: undefined });
      }),
    );
  });

  test.each([false, true])(
    "what we write, its Receiver reads (as a server: %s)",
    async (server) => {
      await fc.assert(
        fc.asyncProperty(fc.array(anyMessage, { maxLength: 5 }), anyMask, async (messages, key) => {
          const mask = server ? key : undefined;
          const frames: Buffer[] = [];
          const expected: Heard[] = [];
          for (const { binary, parts, ping } of messages) {
            for (const [index, part] of parts.entries()) {
              const fin = index === parts.length - 1;
              const first = binary ? Opcode.binary : Opcode.text;
              const opcode = index === 0 ? first : Opcode.continuation;
              frames.push(encodeFrame({ opcode, fin, mask }, Buffer.from(part)));
              if (ping === undefined || fin) continue;
              frames.push(encodeFrame({ opcode: Opcode.ping, mask }, ping));
              expected.push(["ping", Buffer.from(ping).toString("hex")]);
            }
            const whole = Buffer.from(parts.join("")).toString("hex");
            expected.push([binary ? "binary" : "text", whole]);
          }
          const result = await wsHears(Buffer.concat(frames), server);
          expect(result).toEqual({ heard: expected, failed: false });
        }),
      );
    },
  );

  test("large messages, both ways", async () => {
    for (const length of [125, 126, 65_535, 65_536, 200_000]) {
      const payload = Buffer.alloc(length, "wsctl");
      const { sender, written } = wsSender();
      sender.send(payload, { binary: true, fin: true, mask: true, compress: false });
      const expected: Heard[] = [["binary", payload.toString("hex")]];
      expect(weHear(written(), "server", [3, 1000]).heard).toEqual(expected);
      const ours = encodeFrame({ opcode: Opcode.binary, mask: 0xcafebabe }, payload);
      expect(await wsHears(ours, true)).toEqual({ heard: expected, failed: false });
    }
  });

  test("on mutilated frames: what we accept it hears alike, what it refuses we refuse", async () => {
    const anyFrame = fc
      .tuple(
        fc.constantFrom(0x81, 0x01, 0x00, 0x80, 0x82, 0x88, 0x89, 0x8a),
        fc.oneof(
          fc.string({ unit: "binary", maxLength: 20 }).map((value) => Buffer.from(value)),
          fc.uint8Array({ maxLength: 20 }),
        ),
      )
      .map(([first, payload]) => Buffer.from([first, payload.length, ...payload]));
    const anyStream = fc
      .tuple(
        fc.array(anyFrame, { minLength: 1, maxLength: 6 }),
        fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { maxLength: 2 }),
      )
      .map(([frames, changes]) => {
        const stream = Buffer.concat(frames);
        for (const [at, value] of changes) stream[at % stream.length] = value;
        return stream;
      });
    await fc.assert(
      fc.asyncProperty(anyStream, async (stream) => {
        const ours = weHear(stream, "client");
        const theirs = await wsHears(stream, false);
        if (theirs.failed) expect(ours.violation).toBeDefined();
        // We may stop sooner (text fails at the first byte), never hear anything else.
        expect(theirs.heard.slice(0, ours.heard.length)).toEqual(ours.heard);
        if (ours.violation === undefined) expect(theirs.heard).toEqual(ours.heard);
      }),
      { numRuns: 300 },
    );
  });
});
