/**
 * Owns gathering for users: all frames that one connection sends in one turn leave in one write. One
 * outbox serves a worker, since turns are taken one after the other.
 */
import { randomBytes } from "node:crypto";
import { frameSize, writeFrame } from "../../frame/encode.js";
import { Opcode } from "../../frame/opcode.js";
import { cutAt } from "../frame-pool.js";
import type { LeanSocket } from "../lean-socket.js";
import type { Scope } from "../scope.js";
import type { Request } from "./correlate/request.js";

const slabSize = 64 * 1024;
const maskCount = 4096;

/** Collects frames of one connection at a time. */
export class Outbox {
  #slab = Buffer.allocUnsafeSlow(slabSize);
  #used = 0;
  /** A frame that is all there is so far: it can be written from where it lies. */
  #lone: Buffer | undefined = undefined;
  #owner: LeanSocket | undefined = undefined;
  #scope: Scope | undefined = undefined;
  /** Messages since the last flush. */
  #count = 0;
  /**
   * Of each of them: when it was to leave, and what it asks. Overwritten by the next ones: emptied,
   * the arrays would lose their memory with each flush.
   */
  readonly #intended: number[] = [];
  readonly #requests: (Request | undefined)[] = [];
  /** Keys "derived from a strong source of entropy" (RFC 6455 §5.3), drawn for this run. */
  readonly #masks = new Int32Array(new Uint8Array(randomBytes(maskCount * 4)).buffer);
  #mask = 0;
  /** Filled anew for each frame. */
  readonly #frame = { opcode: 0, fin: true, mask: 0 };

  /** What follows is sent by that connection; what another one left is written. */
  begin(owner: LeanSocket, scope: Scope): void {
    if (owner === this.#owner) return;
    this.flush();
    this.#owner = owner;
    this.#scope = scope;
  }

  /** Adds frames that are encoded already, and stay as they are. */
  addFrames(frames: Buffer): void {
    this.#scope!.hot.ws_bytes_sent += frames.length;
    if (this.#used === 0 && this.#lone === undefined) {
      this.#lone = frames;
      return;
    }
    this.#takeIn();
    if (frames.length > slabSize) {
      this.#write();
      this.#writeOwn(frames);
      return;
    }
    if (this.#used + frames.length > slabSize) this.#write();
    // For short frames `set` takes a third of what `copy` does.
    this.#slab.set(frames, this.#used);
    this.#used += frames.length;
  }

  /** Adds a message: its payload is masked on its way, and may change afterwards. */
  addMessage(opcode: number, payload: Buffer, fragments: number): void {
    if (fragments === 1) return this.#addFrame(opcode, true, payload);
    for (let i = 0; i < fragments; i++) {
      const [from, to] = [
        cutAt(payload.length, fragments, i),
        cutAt(payload.length, fragments, i + 1),
      ];
      const first = i === 0 ? opcode : Opcode.continuation;
      this.#addFrame(first, i === fragments - 1, payload.subarray(from, to));
    }
  }

  /**
   * Ends a message.
   * @param intended when it was to leave; NaN for what no schedule knows of
   * @param request what it asks, if a reply is due
   */
  end(intended: number, payload: number, request: Request | undefined): void {
    const { hot } = this.#scope!;
    hot.ws_msgs_sent++;
    this.#owner!.sent++;
    hot.ws_payload_sent += payload;
    this.#intended[this.#count] = intended;
    this.#requests[this.#count] = request;
    this.#count++;
  }

  /** Writes what has been gathered. */
  flush(): void {
    const owner = this.#owner;
    if (!owner) return;
    const count = this.#count;
    if (count === 0 && this.#used === 0 && !this.#lone) return;
    const scope = this.#scope!;
    // The clock is read before the write: what the kernel takes to copy the bytes is a part of the
    // round trip.
    const now = performance.now();
    for (let i = 0; i < count; i++) {
      const intended = this.#intended[i]!;
      if (!Number.isNaN(intended)) scope.left(now, intended);
      const request = this.#requests[i];
      if (request) request.written = now;
    }
    this.#count = 0;
    this.#write();
  }

  #addFrame(opcode: number, fin: boolean, payload: Buffer): void {
    const size = frameSize(payload.length, true);
    this.#takeIn();
    if (this.#used + size > slabSize) this.#write();
    const frame = this.#frame;
    frame.opcode = opcode;
    frame.fin = fin;
    frame.mask = this.#masks[this.#mask++ % maskCount]!;
    this.#scope!.hot.ws_bytes_sent += size;
    if (size > slabSize) {
      const own = Buffer.allocUnsafeSlow(size);
      writeFrame(own, 0, frame, payload);
      this.#write();
      this.#writeOwn(own);
    } else {
      this.#used = writeFrame(this.#slab, this.#used, frame, payload);
    }
  }

  /** Copies the frame that was alone, since it is so no longer. */
  #takeIn(): void {
    const lone = this.#lone;
    if (!lone) return;
    this.#lone = undefined;
    if (lone.length > slabSize) this.#writeOwn(lone);
    else {
      this.#slab.set(lone);
      this.#used = lone.length;
    }
  }

  #write(): void {
    const lone = this.#lone;
    this.#lone = undefined;
    if (lone) this.#writeOwn(lone);
    if (this.#used === 0) return;
    const used = this.#used;
    this.#used = 0;
    this.#writeSlab(this.#owner!, used);
    this.#owner!.wrote();
  }

  /** Writes bytes that the socket may keep. */
  #writeOwn(bytes: Buffer): void {
    this.#owner!.socket.write(bytes);
    this.#owner!.wrote();
  }

  #writeSlab({ socket, keepsWrites }: LeanSocket, used: number): void {
    // Behind a queue, or over TLS, the memory stays with the socket: it gets what it needs, no slab.
    if (keepsWrites || socket.writableLength > 0) {
      socket.write(Buffer.from(this.#slab.subarray(0, used)));
      return;
    }
    socket.write(this.#slab.subarray(0, used));
    // What the kernel did not take at once still lies in this memory: leave it to the socket.
    if (socket.writableLength > 0) this.#slab = Buffer.allocUnsafeSlow(slabSize);
  }
}
