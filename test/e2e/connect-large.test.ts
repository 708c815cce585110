/** Shows that no message of a server, however large or cut up, takes more memory than it may. */
import { once } from "node:events";
import type { Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { requireDebian, succeeds } from "../support/debian.js";
import { mebibytes, record } from "./connect-run.js";
import { ConnectTerminal } from "./connect-terminal.js";
import { closeInKind, frame, onFrames, startRaw } from "./raw-server.js";

const mebibyte = 1024 * 1024;
const isLong = process.env["WSCTL_LONG"] !== undefined;

/** Beyond what an idle prompt has, which is Node's and wsctl's own and no server's doing. */
const slack = 64 * mebibyte;

/** The header of an unmasked frame. */
function head(opcode: number, fin: boolean, length: number): Buffer {
  const bytes = Buffer.alloc(10);
  bytes[0] = (fin ? 0x80 : 0) | opcode;
  bytes[1] = length < 126 ? length : 127;
  if (length < 126) return bytes.subarray(0, 2);
  bytes.writeBigUInt64BE(BigInt(length), 2);
  return bytes;
}

/** Writes no faster than it is taken; false when nobody takes it any more. */
async function write(socket: Socket, bytes: Buffer): Promise<boolean> {
  if (socket.destroyed) return false;
  if (!socket.write(bytes)) await Promise.race([once(socket, "drain"), once(socket, "close")]);
  return !socket.destroyed;
}

/** 100 MB as one message in `frames` frames. */
async function huge(socket: Socket, frames: number): Promise<void> {
  const piece = Buffer.alloc(100_000, "a");
  const size = 1000 / frames;
  for (let each = 0; each < 1000; each++) {
    if (each % size === 0) {
      const isLast = each + size === 1000;
      await write(socket, head(each === 0 ? 1 : 0, isLast, size * piece.length));
    }
    if (!(await write(socket, piece))) return;
  }
}

/** A million fragments of one byte each, every third one empty. */
async function fragments(socket: Socket): Promise<void> {
  socket.write(head(1, false, 0));
  const some = Buffer.concat([
    head(0, false, 1),
    Buffer.from("a"),
    head(0, false, 1),
    Buffer.from("b"),
    head(0, false, 0),
  ]);
  const many = Buffer.alloc(some.length * 1000, some);
  for (let sent = 3000; sent < 1_000_000; sent += 3000) await write(socket, many);
  await write(socket, many);
  socket.write(head(0, true, 0));
}

/** Fragments of one byte among many pings' worth of pongs, so that no two come in one read. */
async function scattered(socket: Socket): Promise<void> {
  const pong = Buffer.concat([Buffer.of(0x8a, 125), Buffer.alloc(125)]);
  const read = Buffer.concat([
    ...Array.from({ length: 516 }, () => pong),
    head(0, false, 1),
    Buffer.from("a"),
  ]);
  socket.write(head(1, false, 0));
  for (let each = 0; each < (isLong ? 10_000 : 1000); each++) await write(socket, read);
  socket.write(head(0, true, 0));
}

/** A message of 16 MiB, much of it in pieces so small that each is a read of its own. */
async function trickled(socket: Socket): Promise<void> {
  const reads = isLong ? 400_000 : 100_000;
  socket.setNoDelay(true);
  socket.write(head(1, true, 16 * mebibyte));
  for (let each = 0; each < reads; each++) {
    socket.write(Buffer.alloc(16, "a"));
    if (each % 4 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await write(socket, Buffer.alloc(16 * mebibyte - 16 * reads, "b"));
}

/** The prompt of a server that says something once, and answers what it hears. */
async function prompted(flags: readonly string[], speak: (socket: Socket) => Promise<void>) {
  let onConnected = (_socket: Socket): void => {};
  const connected = new Promise<Socket>((resolve) => {
    onConnected = resolve;
  });
  const closes: number[] = [];
  const { url } = await startRaw({
    upgraded: (socket) => {
      socket.setMaxListeners(0);
      onFrames(socket, (opcode, payload) => {
        if (opcode === 8) closes.push(payload.readUInt16BE(0));
        if (!closeInKind(socket, opcode, payload) && opcode === 1) socket.write(frame(1, payload));
      });
      onConnected(socket);
    },
  });
  const terminal = new ConnectTerminal([url, "--no-history", ...flags]);
  await terminal.see(/open in/);
  const idle = terminal.peak;
  const spoken = connected.then(speak);
  return { terminal, idle, spoken, closes };
}

const hasScript = requireDebian("bsdutils", () => succeeds("script", ["--version"]));

describe.skipIf(!hasScript || process.platform !== "linux")("at the prompt", () => {
  test("100 MB are refused with 1009 unless asked for, and that is explained", async () => {
    const { terminal, idle, spoken, closes } = await prompted([], (socket) => huge(socket, 1));
    await terminal.see(/larger than the limit, 16\.0 MiB[^]*1009[^]*hint: .*--max-payload/);
    await spoken;
    expect(terminal.peak - idle).toBeLessThan(16 * mebibyte + slack);
    await expect.poll(() => closes, { timeout: 10_000 }).toEqual([1009]);
    terminal.type("/reconnect\r");
    await terminal.see(/open in/);
    await terminal.talk();
    terminal.type("\u0004");
    expect(await terminal.exit()).toBe(0);
  });

  const sizes = { default: 16, asked: 128 } as const;
  test.each([
    ["100 MB in one frame", sizes.asked, (socket: Socket) => huge(socket, 1), /95\.4 MiB more/],
    ["100 MB in 100 frames", sizes.asked, (socket: Socket) => huge(socket, 100), /95\.4 MiB more/],
    ["10⁶ fragments", sizes.default, fragments, /KiB more/],
    ["fragments that are reads apart", sizes.default, scattered, /aaaa/],
    ["a message in tiny reads", sizes.default, trickled, /16\.0 MiB more/],
  ] as const)(
    "%s: shown shortened, in bounded memory",
    { timeout: 120_000 },
    async (what, limit, speak, shown) => {
      const { terminal, idle, spoken } = await prompted(["--max-payload", `${limit}MiB`], speak);
      const begun = performance.now();
      await terminal.see(shown, 100_000);
      await spoken;
      const growth = terminal.peak - idle;
      await terminal.talk();
      terminal.type("\u0004");
      expect(await terminal.exit()).toBe(0);
      expect(idle).toBeGreaterThan(0);
      expect(growth).toBeLessThan(limit * mebibyte + slack);
      expect(terminal.text.length).toBeLessThan(200_000);
      record(`${what}: ${mebibytes(growth)}, ${Math.round(performance.now() - begun)} ms`);
    },
  );
});
