/**
 * Owns the way from bytes to frames (RFC 6455 §5.2): headers are decoded where they lie, payloads
 * are handed on where they lie, and the first broken rule ends the reading. Between two reads it
 * keeps numbers and at most a partial header of 13 bytes, never a payload.
 */

import { applyMask, turnMask } from "./mask.js";
import { isControl, Opcode } from "./opcode.js";
import { violations } from "./violation.js";

/** What a frame's header says. */
export interface FrameHead {
  /** Never a reserved one. */
  readonly opcode: number;
  readonly fin: boolean;
  /** The three reserved bits as a number: 4 is RSV1, the only one that can be allowed. */
  readonly rsv: number;
  readonly masked: boolean;
  /** The four key bytes as a big-endian unsigned 32-bit number; 0 when unmasked. */
  readonly mask: number;
  /** Bytes of payload. */
  readonly length: number;
  /** Bytes on the wire: header and payload. */
  readonly wire: number;
}

/**
 * Takes the frames that a {@link FrameReader} finds. Calls come as `begin`, any number of `chunk`
 * (none for an empty payload, never an empty one), `end`; then the next frame.
 *
 * A callback may throw: the error leaves through `feed`, and the reader is dead from then on. It
 * may call `stop`, or destroy what owns the reader. It must not feed the same reader.
 */
export interface FrameSink {
  /**
   * @param head one object for all frames of all readers: read it before returning and before
   *   feeding any other reader, never keep it
   */
  begin(head: FrameHead): void;
  /**
   * The next piece of the payload, unmasked: `buf[start, end)`, which is the memory that was fed.
   * It belongs to whoever fed it, and is only good until the callback returns.
   */
  chunk(buf: Buffer, start: number, end: number): void;
  end(): void;
}

/** What a {@link FrameReader} accepts. */
export interface FrameReaderOptions {
  /** Whose part is played: a client refuses masked frames, a server unmasked ones (§5.1). */
  readonly role: "client" | "server";
  /** The most bytes of payload in a data frame; control frames are held to 125 by the RFC. */
  readonly maxPayload: number;
  /** Whether permessage-deflate was agreed: RSV1 may mark the first frame of a message. */
  readonly allowRsv1?: boolean | undefined;
}

// Written for every frame instead of a new object: nothing is allocated per frame, and an idle
// reader retains none. Safe because the reader itself never reads it again after `begin`.
const scratch = {
  opcode: 0,
  fin: false,
  rsv: 0,
  masked: false,
  mask: 0,
  length: 0,
  wire: 0,
};

const longestHeader = 14;

// A bit for each opcode that RFC 6455 defines: 0–2 and 8–10.
const definedOpcodes = 0x0707;

// The conditions of a reader. Plain numbers, since enums are not erasable.
const ready = 0;
const feeding = 1;
const dead = 2;

function headerSize(second: number): number {
  const marker = second & 0x7f;
  return 2 + (marker < 126 ? 0 : marker === 126 ? 2 : 8) + ((second & 0x80) >>> 5);
}

function readUInt32(buf: Buffer, at: number): number {
  return ((buf[at]! << 24) | (buf[at + 1]! << 16) | (buf[at + 2]! << 8) | buf[at + 3]!) >>> 0;
}

/** The payload length of the header at `at`, which lies there whole (§5.2). */
function readLength(buf: Buffer, at: number): number {
  const marker = buf[at + 1]! & 0x7f;
  if (marker < 126) return marker;
  if (marker === 126) {
    const length = (buf[at + 2]! << 8) | buf[at + 3]!;
    if (length < 126) throw violations.nonMinimalLength(length, 2);
    return length;
  }
  const high = readUInt32(buf, at + 2);
  if (high >= 0x8000_0000) throw violations.negativeLength();
  if (high > 0x1f_ffff) throw violations.uncountableLength();
  const length = high * 0x1_0000_0000 + readUInt32(buf, at + 6);
  if (length < 65_536) throw violations.nonMinimalLength(length, 8);
  return length;
}

/** Finds the frames in a stream of bytes, however it was cut into reads. */
export class FrameReader {
  private readonly sink: FrameSink;
  private readonly maxPayload: number;
  /** The mask bit that every frame must have: 0x80 or 0. */
  private readonly maskBit: number;
  private readonly allowRsv1: boolean;
  private condition = ready;
  /** Payload bytes of the current frame still to come; 0 between frames. */
  private remaining = 0;
  /** The key, turned so that its first byte is for the next payload byte; 0 changes nothing. */
  private mask = 0;
  /** The part of a header that the last read ended in. */
  private held: Buffer | undefined = undefined;
  private heldLength = 0;

  constructor(sink: FrameSink, options: FrameReaderOptions) {
    this.sink = sink;
    this.maxPayload = options.maxPayload;
    this.maskBit = options.role === "server" ? 0x80 : 0;
    this.allowRsv1 = options.allowRsv1 === true;
  }

  /**
   * Reads `buf[start, end)`, the bytes that follow those of the last call. A server's reader
   * unmasks payloads in place: `buf` is changed. All callbacks come before it returns, and nothing
   * of `buf` is kept.
   *
   * A dead reader ignores what it is fed: after an error, the rest of the stream means nothing
   * (RFC 6455 §7.1.7).
   *
   * @throws ProtocolViolation at the first broken rule, after the frames before it were handed on;
   *   Error when fed from inside a callback; and whatever a callback throws. The reader is dead
   *   after any of them.
   */
  feed(buf: Buffer, start: number, end: number): void {
    if (this.condition !== ready) {
      if (this.condition === dead) return;
      throw new Error("a reader must not be fed from inside its own sink");
    }
    this.condition = feeding;
    try {
      let at = this.held === undefined ? start : this.resume(buf, start, end);
      while (at < end && this.condition === feeding) {
        at = this.remaining === 0 ? this.header(buf, at, end) : this.payload(buf, at, end);
      }
      if (this.condition === feeding) this.condition = ready;
    } finally {
      if (this.condition === feeding) this.stop();
    }
  }

  /** Ends the reading: no callback comes any more. May be called from inside a callback. */
  stop(): void {
    this.condition = dead;
    this.held = undefined;
  }

  /** Reads the header at `at`; returns the offset of what follows it. */
  private header(buf: Buffer, at: number, end: number): number {
    if (end - at < 2 || end - at < headerSize(buf[at + 1]!)) {
      // Buffer.alloc takes nothing from the shared pool, which so small a thing would keep alive.
      this.held = Buffer.alloc(longestHeader);
      this.heldLength = 0;
      return this.resume(buf, at, end);
    }
    this.checkFirst(buf[at]!);
    this.checkSecond(buf[at]!, buf[at + 1]!);
    return at + this.open(buf, at);
  }

  /** Adds to the partial header byte by byte, so that a broken rule shows at the earliest byte. */
  private resume(buf: Buffer, start: number, end: number): number {
    const held = this.held!;
    for (let at = start; at < end; at++) {
      held[this.heldLength] = buf[at]!;
      this.heldLength++;
      if (this.heldLength === 1) {
        this.checkFirst(held[0]!);
        continue;
      }
      if (this.heldLength === 2) this.checkSecond(held[0]!, held[1]!);
      if (this.heldLength < headerSize(held[1]!)) continue;
      this.held = undefined;
      this.open(held, 0);
      return at + 1;
    }
    return end;
  }

  /** What can be judged of a frame by its first byte alone. */
  private checkFirst(first: number): void {
    const opcode = first & 0x0f;
    const rsv = (first & 0x70) >>> 4;
    if (rsv !== 0) {
      if (rsv !== 4 || !this.allowRsv1) {
        throw violations.reservedBits(this.allowRsv1 ? rsv & 3 : rsv);
      }
      if (opcode === Opcode.continuation || isControl(opcode)) {
        throw violations.misplacedRsv1(opcode);
      }
    }
    if (((definedOpcodes >>> opcode) & 1) === 0) throw violations.reservedOpcode(opcode);
    if (first < 0x80 && isControl(opcode)) throw violations.fragmentedControl(opcode);
  }

  private checkSecond(first: number, second: number): void {
    if ((second & 0x80) !== this.maskBit) {
      throw this.maskBit === 0 ? violations.maskedByServer() : violations.unmaskedByClient();
    }
    const opcode = first & 0x0f;
    const marker = second & 0x7f;
    if (marker > 125 && isControl(opcode)) throw violations.longControl(opcode, marker);
  }

  /** Begins the frame whose header lies whole at `at`; returns the size of the header. */
  private open(buf: Buffer, at: number): number {
    const first = buf[at]!;
    const opcode = first & 0x0f;
    const length = readLength(buf, at);
    if (length > this.maxPayload && !isControl(opcode)) {
      throw violations.payloadTooBig(length, this.maxPayload);
    }
    const size = headerSize(buf[at + 1]!);
    const mask = this.maskBit === 0 ? 0 : readUInt32(buf, at + size - 4);
    scratch.opcode = opcode;
    scratch.fin = first >= 0x80;
    scratch.rsv = (first & 0x70) >>> 4;
    scratch.masked = this.maskBit !== 0;
    scratch.mask = mask;
    scratch.length = length;
    scratch.wire = size + length;
    this.remaining = length;
    this.mask = mask | 0;
    this.sink.begin(scratch);
    if (length === 0 && this.condition === feeding) this.sink.end();
    return size;
  }

  /** Hands on what there is of the payload from `at`; returns the offset of what follows it. */
  private payload(buf: Buffer, at: number, end: number): number {
    const length = Math.min(end - at, this.remaining);
    const stop = at + length;
    if (this.mask !== 0) {
      applyMask(buf, at, stop, this.mask, 0);
      this.mask = turnMask(this.mask, length);
    }
    this.remaining -= length;
    this.sink.chunk(buf, at, stop);
    if (this.remaining === 0 && this.condition === feeding) this.sink.end();
    return stop;
  }
}
