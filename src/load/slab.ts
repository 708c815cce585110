/**
 * Owns gathering: the frames that are due for one socket at one moment leave in one write. One slab
 * serves all connections of a worker, because a write that the kernel took whole is done with it.
 */
import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import type { FramePool } from "./frame-pool.js";

const slabSize = 64 * 1024;

/** Writes several frames at once. */
export class Slab {
  #buffer = Buffer.allocUnsafeSlow(slabSize);

  /**
   * Writes messages `from` (inclusive) to `to` (exclusive) of a connection.
   * @returns bytes written, and through `socket.writableNeedDrain` whether to wait
   */
  write(socket: Socket, pool: FramePool, from: number, to: number): number {
    if (to - from === 1) {
      const frame = pool.frame(from);
      socket.write(frame);
      return frame.length;
    }
    // Behind a queue, or over TLS, the memory stays with the socket: it gets what it needs, no slab.
    if (socket.writableLength > 0 || socket instanceof TLSSocket) {
      return writeCopy(socket, pool, from, to);
    }
    let bytes = 0;
    let used = 0;
    for (let round = from; round < to; round++) {
      const frame = pool.frame(round);
      bytes += frame.length;
      if (used + frame.length > slabSize) {
        this.#flush(socket, used);
        used = 0;
      }
      if (frame.length > slabSize) {
        socket.write(frame);
      } else {
        // For short frames `set` takes a third of what `copy` does.
        this.#buffer.set(frame, used);
        used += frame.length;
      }
    }
    this.#flush(socket, used);
    return bytes;
  }

  #flush(socket: Socket, used: number): void {
    if (used === 0) return;
    socket.write(this.#buffer.subarray(0, used));
    // What the kernel did not take at once still lies in this memory: leave it to the socket.
    if (socket.writableLength > 0) this.#buffer = Buffer.allocUnsafeSlow(slabSize);
  }
}

function writeCopy(socket: Socket, pool: FramePool, from: number, to: number): number {
  const frames = Array.from({ length: to - from }, (_, i) => pool.frame(from + i));
  const whole = Buffer.concat(frames);
  socket.write(whole);
  return whole.length;
}
