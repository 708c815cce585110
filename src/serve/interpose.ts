/**
 * Owns the way of a fault line into a live socket.
 *
 * The socket's own `write` and `end`, `pause` and `resume` are overridden on the instance. A Duplex around the socket
 * would be the tidier picture, but `ws` and node:http would then have to be given it from the start:
 * every connection would pay for faults that are mostly off, and none could be switched on for the
 * connections that are there. So a connection without faults stays as Node made it, and one can be
 * put under faults between any two ticks: `ws` writes each frame whole, within one cork.
 */
import { EventEmitter } from "node:events";
import type { Socket } from "node:net";
import type { FaultLine, FaultSet, LineFacts } from "../faults/fault-set.js";

type Callback = (error?: Error | null) => void;

function bufferOf(chunk: string | Uint8Array, encoding: BufferEncoding | undefined): Buffer {
  if (typeof chunk === "string") return Buffer.from(chunk, encoding);
  return Buffer.isBuffer(chunk)
    ? chunk
    : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
}

/** Cuts the connection; where RST cannot be sent, as on a Unix socket, it is closed. */
function reset(socket: Socket): void {
  if (socket.destroyed) return;
  // Only the TCP socket under TLS can be reset.
  const { _parent: underneath } = socket as { _parent?: Socket | null };
  try {
    (underneath ?? socket).resetAndDestroy();
  } catch {
    // Not TCP.
  }
  socket.destroy();
}

/**
 * Leads everything that is written to `socket` through the faults, until it closes. Not to be
 * called twice for a socket.
 *
 * What a fault holds back does not count in `socket.writableLength`.
 *
 * @param facts `opened` when the 101 has been written already
 * @returns the line, for what the set does not reach
 */
export function interpose(socket: Socket, faults: FaultSet, facts: LineFacts): FaultLine {
  const write = socket.write.bind(socket);
  const end = socket.end.bind(socket);
  const brake = new ReadBrake(socket);
  const line = faults.line(
    {
      write: (bytes, done) => void (done ? write(bytes, () => done()) : write(bytes)),
      end: () => void end(),
      // What was written in this tick may still be corked: it is to leave before.
      reset: () => void setImmediate(reset, socket),
      read: (on) => brake.read(on),
      get backlog() {
        return socket.writableLength;
      },
    },
    facts,
  );
  const outgoing = (
    chunk: string | Uint8Array,
    second?: BufferEncoding | Callback,
    third?: Callback,
  ): void => {
    const callback = typeof second === "function" ? second : third;
    const encoding = typeof second === "string" ? second : undefined;
    line.outgoing(bufferOf(chunk, encoding), callback && (() => callback()));
  };
  const observe = (bytes: Buffer): void => line.incoming(bytes);

  socket.write = (
    chunk: string | Uint8Array,
    second?: BufferEncoding | Callback,
    third?: Callback,
  ): boolean => {
    outgoing(chunk, second, third);
    return !socket.writableNeedDrain;
  };
  socket.end = (
    first?: string | Uint8Array | (() => void),
    second?: BufferEncoding | (() => void),
    third?: () => void,
  ): Socket => {
    const finished = [first, second, third].find((each) => typeof each === "function");
    if (finished) socket.once("finish", finished);
    if (first !== undefined && first !== null && typeof first !== "function") {
      outgoing(first, typeof second === "string" ? second : undefined);
    }
    line.finish();
    return socket;
  };
  // Past Readable's own `on`, which would start the flow: bytes that come before `ws` listens
  // would be lost.
  EventEmitter.prototype.on.call(socket, "data", observe);
  socket.once("close", () => {
    line.dispose();
    socket.off("data", observe);
    socket.write = write;
    socket.end = end;
    brake.dispose();
  });
  return line;
}

/** Stops the reading from a socket over the heads of those who pause and resume it for their reasons. */
class ReadBrake {
  readonly #socket: Socket;
  #isHeld = false;
  /** What they want. */
  #flows = true;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  read(on: boolean): void {
    if (on !== this.#isHeld) return;
    const socket = this.#socket;
    if (on) {
      this.dispose();
      if (this.#flows) socket.resume();
      return;
    }
    this.#isHeld = true;
    this.#flows = !socket.isPaused();
    socket.pause();
    const want = (flows: boolean): Socket => {
      this.#flows = flows;
      return socket;
    };
    Object.assign(socket, {
      pause: () => want(false),
      resume: () => want(true),
      isPaused: () => !this.#flows,
    });
  }

  /** The socket's methods are its own again. */
  dispose(): void {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    for (const name of ["pause", "resume", "isPaused"]) Reflect.deleteProperty(this.#socket, name);
  }
}
