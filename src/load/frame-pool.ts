/**
 * Owns the frames of messages that are fixed at compile time: encoded and masked once, several
 * times each with different mask keys drawn for this run, so that sending one is a look-up.
 */
import { randomBytes } from "node:crypto";
import { encodeFrame } from "../frame/encode.js";
import { Opcode } from "../frame/opcode.js";
import type { PlanMessage } from "../scenario/plan.js";

const mostKeys = 16;
/** Large payloads get fewer keys, so that the pool stays within this many bytes. */
const poolBytes = 32 * 1024 * 1024;

/** A message that is always the same. */
export interface FixedMessage extends PlanMessage {
  /** In how many frames it is sent; 1 unless told. */
  readonly fragments?: number;
}

/** Frames of one run's fixed messages. */
export class FramePool {
  readonly #frames: readonly Buffer[];
  readonly #messages: number;
  readonly #sizes: readonly number[];

  constructor(messages: readonly FixedMessage[]) {
    const payloads = messages.map(({ payload }) => Buffer.from(payload, "base64"));
    const bytes = payloads.reduce((sum, payload) => sum + payload.length + 14, 0);
    const keys = Math.max(1, Math.min(mostKeys, Math.floor(poolBytes / Math.max(1, bytes))));
    this.#messages = messages.length;
    this.#sizes = payloads.map((payload) => payload.length);
    this.#frames = Array.from({ length: keys }, () =>
      messages.map(({ opcode, fragments = 1 }, i) => framesOf(opcode, payloads[i]!, fragments)),
    ).flat();
  }

  /** The frame of a connection's message number `round`: messages in turn, then keys in turn. */
  frame(round: number): Buffer {
    return this.#frames[round % this.#frames.length]!;
  }

  /** The payload size of message number `round`, in bytes. */
  payloadSize(round: number): number {
    return this.#sizes[round % this.#messages]!;
  }
}

/** A message in so many frames, one after the other (RFC 6455 §5.4). */
function framesOf(opcode: number, payload: Buffer, fragments: number): Buffer {
  if (fragments === 1) return encodeFrame({ opcode, mask: newMask() }, payload);
  const frames = Array.from({ length: fragments }, (_, i) =>
    encodeFrame(
      { opcode: i === 0 ? opcode : Opcode.continuation, fin: i === fragments - 1, mask: newMask() },
      payload.subarray(
        cutAt(payload.length, fragments, i),
        cutAt(payload.length, fragments, i + 1),
      ),
    ),
  );
  return Buffer.concat(frames);
}

/** Where the i-th of so many fragments begins: their sizes differ by one byte at most. */
export function cutAt(length: number, fragments: number, i: number): number {
  return Math.floor((i * length) / fragments);
}

/** A mask key "derived from a strong source of entropy" (RFC 6455 §5.3). */
export function newMask(): number {
  return randomBytes(4).readUInt32BE(0);
}
