/** Owns the two ends of a connection under test: a Link on ours, bytes written by hand on the other. */
import { once } from "node:events";
import net, { type AddressInfo, type OnReadOpts, type Socket } from "node:net";
import { afterEach, vi } from "vitest";
import { Wire } from "../../src/dial/wire.js";
import { encodeFrame } from "../../src/frame/encode.js";
import { MessageReader } from "../../src/frame/message-reader.js";
import { Fleet } from "../../src/load/fleet.js";
import type { Dialler } from "../../src/load/dialler.js";
import { Link } from "../../src/load/link.js";
import { Meter } from "../../src/load/meter.js";
import { Rig } from "../../src/load/rig.js";
import type { LoadFlags } from "../../src/scenario/from-flags.js";
import { planOf } from "../scenario/flags.js";

const undo: (() => void)[] = [];

afterEach(() => {
  for (const step of undo.splice(0)) step();
});

/** What a server read: messages and control frames, by opcode. */
export interface Said {
  readonly opcode: number;
  readonly payload: Buffer;
}

/** Reads a client's frames: they must be masked, and obey RFC 6455. */
export class ServerEar {
  readonly said: Said[] = [];
  readonly #reader = new MessageReader(
    {
      message: (opcode, buf, start, end) => this.#hear(opcode, buf, start, end),
      control: (opcode, buf, start, end) => this.#hear(opcode, buf, start, end),
    },
    { role: "server", maxPayload: 2 ** 30 },
  );

  feed(bytes: Buffer): void {
    // The reader takes the mask off where the bytes lie.
    this.#reader.feed(Buffer.from(bytes), 0, bytes.length);
  }

  texts(): string[] {
    return this.said.map(({ opcode, payload }) =>
      opcode === 1 ? payload.toString() : `${opcode}:${payload.toString("hex")}`,
    );
  }

  #hear(opcode: number, buf: Buffer, start: number, end: number): void {
    this.said.push({ opcode, payload: Buffer.from(buf.subarray(start, end)) });
  }
}

/** A frame of a server. */
export function frame(opcode: number, payload: string | Buffer = ""): Buffer {
  return encodeFrame({ opcode }, Buffer.from(payload));
}

/** A link, and the server's socket. */
export interface Pair {
  readonly link: Link;
  readonly rig: Rig;
  readonly fleet: Fleet;
  readonly wire: Wire;
  readonly peer: Socket;
  readonly ear: ServerEar;
  /** Everything the server has received. */
  readonly bytes: () => Buffer;
  /** Hands bytes to the link as one read of its socket, at once. */
  readonly feed: (bytes: Buffer) => void;
  /** Waits until the link's end was taken note of. */
  readonly ended: () => Promise<void>;
}

/** Two sockets of a real TCP connection; both are destroyed after the test. */
export async function socketPair(
  connect: (port: number) => Socket = (port) => net.connect(port, "127.0.0.1"),
): Promise<{ near: Socket; far: Socket }> {
  const server = net.createServer();
  undo.push(() => server.close());
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const connected = once(server, "connection") as Promise<[Socket]>;
  const near = connect((server.address() as AddressInfo).port);
  const [far] = await connected;
  for (const socket of [near, far]) {
    socket.on("error", () => {});
    undo.push(() => socket.destroy());
  }
  if (near.connecting) await once(near, "connect");
  return { near, far };
}

/** A link over a real connection, its plan made of those flags. */
export async function linkPair(flags: Partial<LoadFlags> = {}): Promise<Pair> {
  const sink = Buffer.alloc(64 * 1024);
  const opened: { wire?: Wire; onread?: OnReadOpts | undefined } = {};
  const { far } = await socketPair((port) => {
    const wire = new Wire(sink, (onread) => {
      opened.onread = onread;
      return net.connect({ port, host: "127.0.0.1", onread });
    });
    opened.wire = wire;
    return wire.socket;
  });
  let ends = 0;
  const rig = new Rig(planOf(flags), new Meter(0), (link) => {
    ends++;
    fleet.ended(link);
  });
  const fleet = new Fleet(1, rig);
  const chunks: Buffer[] = [];
  const ear = new ServerEar();
  far.on("data", (chunk) => {
    chunks.push(chunk);
    ear.feed(chunk);
  });
  const wire = opened.wire!;
  const link = new Link(0, wire, rig);
  fleet.links[0] = link;
  rig.meter.open++;
  return {
    link,
    rig,
    fleet,
    wire,
    peer: far,
    ear,
    bytes: () => Buffer.concat(chunks),
    feed(bytes) {
      bytes.copy(sink);
      opened.onread!.callback(bytes.length, sink);
    },
    ended: () => until(() => ends > 0),
  };
}

/** Dials, and makes a link of what was opened. */
export async function openLink(
  dialler: Dialler,
  rig: Rig,
  index: number,
): Promise<Link | undefined> {
  const wire = await dialler.dial(index);
  if (!wire) return undefined;
  const link = new Link(index, wire, rig);
  link.sendFirst();
  return link;
}

/** Waits until something holds; fails when it does not within seconds. */
export async function until(holds: () => boolean): Promise<void> {
  await vi.waitFor(
    () => {
      if (!holds()) throw new Error("it did not come to pass");
    },
    { timeout: 5000, interval: 2 },
  );
}
