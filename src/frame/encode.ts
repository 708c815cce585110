/**
 * Owns how a frame is written (RFC 6455 §5.2). The encoder writes what it is told, reserved bits
 * and broken rules included, because a conformance tester has to send those; only the length is
 * always in its shortest form.
 */

import { copyMasked } from "./mask.js";

/** What the header of a frame to be written says, but for the length. */
export interface OutgoingFrame {
  /** Four bits. */
  readonly opcode: number;
  /** Whether it ends its message; true unless told. */
  readonly fin?: boolean | undefined;
  /** The three reserved bits as a number: 4 is RSV1, 2 RSV2, 1 RSV3; 0 unless told. */
  readonly rsv?: number | undefined;
  /** The four key bytes as a big-endian unsigned 32-bit number; undefined leaves it unmasked. */
  readonly mask?: number | undefined;
}

/** How many bytes a frame takes on the wire, header and payload. */
export function frameSize(payloadLength: number, masked: boolean): number {
  const extended = payloadLength < 126 ? 0 : payloadLength < 65_536 ? 2 : 8;
  return 2 + extended + (masked ? 4 : 0) + payloadLength;
}

function writeUInt32(target: Buffer, at: number, value: number): void {
  target[at] = value >>> 24;
  target[at + 1] = value >>> 16;
  target[at + 2] = value >>> 8;
  target[at + 3] = value;
}

/**
 * Writes only the header of a frame, for payloads that are streamed or never sent.
 *
 * @param payloadLength bytes, at most 2^53 - 1
 * @returns the offset after the header
 * @throws RangeError when `target` has no room for it, or the length can not be counted
 */
export function writeFrameHeader(
  target: Buffer,
  offset: number,
  frame: OutgoingFrame,
  payloadLength: number,
): number {
  const { mask } = frame;
  if (!Number.isSafeInteger(payloadLength) || payloadLength < 0) {
    throw new RangeError(`a payload can not have ${payloadLength} bytes`);
  }
  const size = frameSize(payloadLength, mask !== undefined) - payloadLength;
  checkRoom(target, offset, size);
  const maskBit = mask === undefined ? 0 : 0x80;
  let at = offset + 2;
  target[offset] =
    (frame.fin === false ? 0 : 0x80) | (((frame.rsv ?? 0) & 0x7) << 4) | (frame.opcode & 0xf);
  if (payloadLength < 126) {
    target[offset + 1] = maskBit | payloadLength;
  } else if (payloadLength < 65_536) {
    target[offset + 1] = maskBit | 126;
    target[at] = payloadLength >>> 8;
    target[at + 1] = payloadLength;
    at += 2;
  } else {
    target[offset + 1] = maskBit | 127;
    writeUInt32(target, at, Math.floor(payloadLength / 0x1_0000_0000));
    writeUInt32(target, at + 4, payloadLength >>> 0);
    at += 8;
  }
  if (mask !== undefined) {
    writeUInt32(target, at, mask);
    at += 4;
  }
  return at;
}

// A write past the end of a typed array is silently dropped: better a loud error than a torn frame.
function checkRoom(target: Buffer, offset: number, size: number): void {
  if (offset < 0 || offset + size > target.length) {
    throw new RangeError(`a frame of ${size} bytes does not fit at ${offset} of ${target.length}`);
  }
}

/**
 * Writes a whole frame; the payload is masked on its way, and stays as it is itself.
 *
 * @param target must not share memory with the payload
 * @returns the offset after the frame
 * @throws RangeError when `target` has no room for it
 */
export function writeFrame(
  target: Buffer,
  offset: number,
  frame: OutgoingFrame,
  payload: Uint8Array,
): number {
  const { length } = payload;
  checkRoom(target, offset, frameSize(length, frame.mask !== undefined));
  const start = writeFrameHeader(target, offset, frame, length);
  if (frame.mask === undefined) target.set(payload, start);
  else copyMasked(payload, target, start, frame.mask);
  return start + length;
}

/** The frame in a Buffer of its own. */
export function encodeFrame(frame: OutgoingFrame, payload: Uint8Array): Buffer {
  const target = Buffer.allocUnsafe(frameSize(payload.length, frame.mask !== undefined));
  writeFrame(target, 0, frame, payload);
  return target;
}
