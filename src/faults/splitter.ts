/**
 * Owns the way from the bytes that a host writes to the pieces that faults act on. Whatever it does
 * not understand is handed on as it came: the line must carry any host.
 */
import { writeFrameHeader } from "../frame/encode.js";
import { FrameReader, type FrameHead, type FrameSink } from "../frame/frame-reader.js";
import { ResponseHeadReader } from "../frame/http-head.js";
import { isControl, Opcode } from "../frame/opcode.js";
import { PayloadStore } from "../frame/payload-store.js";
import { ProtocolViolation } from "../frame/violation.js";
import { makeControl, makeMessage, makeRaw, type Frame, type Outgoing } from "./outgoing.js";

/** A frame whose payload is under way. */
interface OpenFrame {
  readonly opcode: number;
  readonly fin: boolean;
  readonly rsv: number;
  readonly start: number;
  readonly wire: number;
  /** Header and payload as far as they have come. */
  readonly store: PayloadStore;
}

const longestHeader = 14;
const nothing = Buffer.alloc(0);
const reading = { role: "client", maxPayload: Number.MAX_SAFE_INTEGER, allowRsv1: true } as const;

/** Cuts one stream. */
export class Splitter implements FrameSink {
  /** What comes next. "raw": nothing is understood any more, all is handed on. */
  #phase: "head" | "frames" | "raw";
  readonly #heads = new ResponseHeadReader();
  readonly #reader = new FrameReader(this, reading);
  /** The start of a frame's header; the reader has it too, but not for handing it on. */
  #rest: Buffer = nothing;
  #open: OpenFrame | undefined;
  /** The frames of the message under way. */
  #frames: Frame[] = [];
  /** Bytes of whole headers and of payloads since the last feed began, `#rest` included. */
  #used = 0;
  #pieces: Outgoing[] = [];
  /** Of bytes that no piece holds yet. */
  #callbacks: (() => void)[] = [];

  /** @param opened whether the head has gone by already, so that the next byte begins a frame */
  constructor(opened: boolean) {
    this.#phase = opened ? "frames" : "head";
  }

  /** Whether the 101 has come by. */
  get opened(): boolean {
    return this.#phase === "frames";
  }

  /**
   * Takes what the host wrote; what is not yet a whole piece is copied.
   *
   * @param done goes to the piece that holds the last byte
   * @returns the pieces that are whole now
   */
  split(bytes: Buffer, done?: () => void): Outgoing[] {
    this.#pieces = [];
    if (bytes.length > 0) {
      if (this.#phase === "head") this.#head(bytes);
      else this.#body(bytes);
    }
    if (done) this.#callbacks.push(done);
    if (!this.#midway) this.#handCallbacks();
    return this.#pieces;
  }

  /** What waits for its end, as it is: there is no end to come. */
  flush(): Outgoing[] {
    this.#pieces = [];
    if (this.#phase === "head") this.#rest = this.#heads.received;
    this.#surrender();
    this.#handCallbacks();
    return this.#pieces;
  }

  /** The callbacks of bytes that will never be in a piece. */
  abandon(): (() => void)[] {
    return this.#callbacks.splice(0);
  }

  begin(head: FrameHead): void {
    const { opcode, fin, rsv, length, wire } = head;
    const header = Buffer.allocUnsafe(longestHeader);
    const start = writeFrameHeader(header, 0, { opcode, fin, rsv }, length);
    const store = new PayloadStore(wire);
    store.append(header, 0, start, wire);
    this.#open = { opcode, fin, rsv, start, wire, store };
    this.#used += start;
  }

  chunk(buf: Buffer, start: number, end: number): void {
    this.#used += end - start;
    this.#open!.store.append(buf, start, end, this.#open!.wire);
  }

  end(): void {
    const { opcode, fin, rsv, start, store } = this.#open!;
    this.#open = undefined;
    const frame = { opcode, fin, rsv, start, bytes: store.bytes.subarray(0, store.length) };
    if (isControl(opcode)) this.#control(frame);
    else this.#data(frame);
  }

  get #midway(): boolean {
    if (this.#phase === "head") return this.#heads.received.length > 0;
    return this.#rest.length > 0 || this.#open !== undefined || this.#frames.length > 0;
  }

  #emit(piece: Outgoing): void {
    if (this.#callbacks.length > 0) piece.callbacks = this.#callbacks.splice(0);
    this.#pieces.push(piece);
  }

  #handCallbacks(): void {
    if (this.#callbacks.length === 0) return;
    const last = this.#pieces.at(-1);
    if (last) (last.callbacks ??= []).push(...this.#callbacks.splice(0));
    else this.#emit(makeRaw(nothing));
  }

  #head(bytes: Buffer): void {
    const before = this.#heads.received.length;
    let head;
    try {
      head = this.#heads.push(bytes);
      if (!head) return;
    } catch {
      head = undefined;
    }
    const { received } = this.#heads;
    const after = bytes.subarray(received.length - before);
    if (head?.response.status !== 101) {
      // No HTTP, or a refusal of the host's own, with a body that only HTTP could delimit.
      this.#rest = Buffer.concat([received, after]);
      this.#surrender();
      return;
    }
    this.#phase = "frames";
    const wire = received.length;
    this.#emit({ kind: "answer", head: received, glued: [], wire, callbacks: undefined });
    if (after.length > 0) this.#body(after);
  }

  #body(bytes: Buffer): void {
    if (this.#phase === "raw") {
      this.#emit(makeRaw(bytes));
      return;
    }
    const before = this.#rest;
    this.#used = 0;
    let isBroken = false;
    try {
      this.#reader.feed(bytes, 0, bytes.length);
    } catch (error) {
      if (!(error instanceof ProtocolViolation)) throw error;
      isBroken = true;
    }
    // Only headers are judged: what is unused begins with a header, cut short or broken.
    this.#rest =
      this.#used === 0
        ? Buffer.concat([before, bytes])
        : Buffer.from(bytes.subarray(this.#used - before.length));
    if (isBroken) this.#surrender();
  }

  /** Hands on what was held, and from now on everything as it comes. */
  #surrender(): void {
    this.#giveUpMessage();
    if (this.#open) {
      const { bytes, length } = this.#open.store;
      this.#emit(makeRaw(bytes.subarray(0, length)));
    }
    if (this.#rest.length > 0) this.#emit(makeRaw(this.#rest));
    this.#open = undefined;
    this.#rest = nothing;
    this.#phase = "raw";
  }

  #giveUpMessage(): void {
    for (const frame of this.#frames.splice(0)) {
      this.#emit(isControl(frame.opcode) ? makeControl(frame, false) : makeRaw(frame.bytes));
    }
  }

  #control(frame: Frame): void {
    // After a close no fragment follows: what is there of the message is all there will be.
    if (frame.opcode === Opcode.close) this.#giveUpMessage();
    if (this.#frames.length > 0) this.#frames.push(frame);
    else this.#emit(makeControl(frame, false));
  }

  #data(frame: Frame): void {
    const isContinuation = frame.opcode === Opcode.continuation;
    if (isContinuation !== this.#frames.length > 0) {
      // A fragment of nothing, or a message in the middle of another.
      this.#giveUpMessage();
      if (isContinuation) {
        this.#emit(makeRaw(frame.bytes));
        return;
      }
    }
    this.#frames.push(frame);
    if (frame.fin) this.#emit(makeMessage(this.#frames.splice(0)));
  }
}
