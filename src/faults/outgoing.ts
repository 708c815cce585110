/**
 * Owns the pieces that a stream towards a client consists of, each whole: the answer to the
 * upgrade, messages, control frames, bytes that are none of these, and the end; and parts of them.
 */
import { encodeFrame, frameSize, type OutgoingFrame } from "../frame/encode.js";
import { isControl, type ControlOpcode, type DataOpcode } from "../frame/opcode.js";

/** One frame, as it leaves. */
export interface Frame {
  readonly opcode: number;
  readonly fin: boolean;
  /** RSV1 is 4, RSV2 is 2, RSV3 is 1. */
  readonly rsv: number;
  /** Header and payload. */
  readonly bytes: Buffer;
  /** Where the payload begins in `bytes`. */
  readonly start: number;
}

/** A frame made anew. It may break any rule of framing but that of the length. */
export function makeFrame(head: OutgoingFrame, payload: Uint8Array): Frame {
  return {
    opcode: head.opcode,
    fin: head.fin ?? true,
    rsv: head.rsv ?? 0,
    bytes: encodeFrame(head, payload),
    start: frameSize(payload.length, head.mask !== undefined) - payload.length,
  };
}

/** The payload of a frame, where it lies. It may be shared: never write to it. */
export function payloadOf(frame: Frame): Buffer {
  return frame.bytes.subarray(frame.start);
}

/** What every piece has. */
interface Piece {
  /** Bytes that it keeps in memory while it waits. */
  wire: number;
  /** To be called once each, when the piece has left or is known never to leave. */
  callbacks: (() => void)[] | undefined;
}

/** The head of the 101. */
export interface Answer extends Piece {
  readonly kind: "answer";
  head: Buffer;
  /** Messages that leave in the same write as the head. */
  glued: readonly Buffer[];
}

/** A control frame. */
export interface Control extends Piece {
  readonly kind: "control";
  readonly opcode: ControlOpcode;
  readonly frame: Frame;
  /** Whether a fault made it, not the host. */
  readonly injected: boolean;
}

/** Bytes that are handed on as they are. */
export interface Raw extends Piece {
  readonly kind: "raw";
  readonly bytes: Buffer;
}

/** The end of the stream. */
export interface Fin extends Piece {
  readonly kind: "fin";
}

/** A whole data message. */
export interface Message extends Piece {
  readonly kind: "message";
  readonly opcode: DataOpcode;
  /**
   * The first is a data frame; among the others may be control frames that came between the
   * fragments: they stay there, so that a message that no fault touches leaves as it came.
   */
  frames: Frame[];
  /** Of those that the host wrote, from 1, its copies too; undefined for one that a fault made up. */
  number: number | undefined;
}

/** Bytes of a piece that leaves little by little. */
export interface Part extends Piece {
  readonly kind: "part";
  readonly bytes: Buffer;
  /** The piece that is complete with these bytes; undefined while more is to come. */
  readonly whole: Outgoing | undefined;
  /** Of the message that it is of. */
  readonly number: number | undefined;
}

/** Anything that leaves. */
export type Outgoing = Answer | Message | Control | Raw | Fin | Part;

/** So many frames of a message are written one by one; more are written as one. */
const mostWrites = 64;

/** The bytes of a piece, in order; none for the end. */
export function bytesOf(piece: Outgoing): Buffer[] {
  if (piece.kind === "message") {
    const all = piece.frames.map((frame) => frame.bytes);
    return all.length > mostWrites ? [Buffer.concat(all)] : all;
  }
  if (piece.kind === "control") return [piece.frame.bytes];
  if (piece.kind === "raw" || piece.kind === "part") return [piece.bytes];
  if (piece.kind === "fin") return [];
  return [piece.glued.length === 0 ? piece.head : Buffer.concat([piece.head, ...piece.glued])];
}

export function makeControl(frame: Frame, injected: boolean): Control {
  const opcode = frame.opcode as ControlOpcode;
  const wire = frame.bytes.length;
  return { kind: "control", opcode, frame, injected, wire, callbacks: undefined };
}

export function makeRaw(bytes: Buffer): Raw {
  return { kind: "raw", bytes, wire: bytes.length, callbacks: undefined };
}

export function makeFin(): Fin {
  return { kind: "fin", wire: 0, callbacks: undefined };
}

/**
 * A part of a piece, which keeps what it does not take.
 * @returns the part, and how many bytes more the two keep than the piece did
 */
export function makePart(
  piece: Outgoing,
  bytes: Buffer,
  isLast: boolean,
): { readonly part: Part; readonly added: number } {
  const taken = isLast ? piece.wire : Math.min(piece.wire, bytes.length);
  const [whole, callbacks] = isLast ? [piece, piece.callbacks] : [undefined, undefined];
  piece.wire -= taken;
  const wire = bytes.length;
  const number = numberOf(piece);
  return { part: { kind: "part", bytes, whole, number, wire, callbacks }, added: wire - taken };
}

/** Which of the messages that the host wrote it is, or is a part of; undefined for none. */
export function numberOf(piece: Outgoing): number | undefined {
  return piece.kind === "message" || piece.kind === "part" ? piece.number : undefined;
}

/** What is complete when this has left; undefined for a part that is not the last. */
export function completed(piece: Outgoing): Exclude<Outgoing, Part> | undefined {
  let whole: Outgoing | undefined = piece;
  while (whole?.kind === "part") whole = whole.whole;
  return whole;
}

export function makeMessage(frames: Frame[], number?: number): Message {
  const wire = frames.reduce((sum, frame) => sum + frame.bytes.length, 0);
  const opcode = frames[0]!.opcode as DataOpcode;
  return { kind: "message", opcode, frames, number, wire, callbacks: undefined };
}

/** The frames of a message without the control frames between them. */
export function dataFrames(message: Message): Frame[] {
  return message.frames.filter((frame) => !isControl(frame.opcode));
}

/** Takes the control frames between the fragments out of the message. */
export function takeControls(message: Message): Control[] {
  if (message.frames.length < 3) return [];
  const controls = message.frames.filter((frame) => isControl(frame.opcode));
  if (controls.length === 0) return [];
  message.frames = dataFrames(message);
  return controls.map((frame) => {
    message.wire -= frame.bytes.length;
    return makeControl(frame, false);
  });
}

/** Whether both are the same message, or copies of it. */
export function isSame(one: Message, other: Message): boolean {
  return one === other || (one.number !== undefined && one.number === other.number);
}

/** Whether permessage-deflate packed the message (RFC 7692 §6). */
export function isCompressed(message: Message): boolean {
  return (message.frames[0]!.rsv & 4) !== 0;
}
