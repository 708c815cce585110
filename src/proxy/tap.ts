/**
 * Owns the listening to one direction: it follows the bytes as they pass, and tells of every frame
 * and every whole message. It never alters what passes and never stops it; at the first broken rule
 * it says so and falls silent, because nobody knows then where the next frame begins.
 */
import { type FrameHead, FrameReader, type FrameSink } from "../frame/frame-reader.js";
import { isControl, Opcode } from "../frame/opcode.js";
import { PayloadStore } from "../frame/payload-store.js";
import { ProtocolViolation, violations } from "../frame/violation.js";
import type { Direction } from "../session/session-events.js";
import type { Inflater } from "./inflater.js";

/** A whole message that passed. */
export interface Heard {
  /** 1 text, 2 binary. */
  readonly opcode: number;
  /** Unmasked and inflated; good until the callback returns. Undefined where `missing` says why. */
  readonly payload: Buffer | undefined;
  /** Why there is no payload; undefined also where nobody wanted it. */
  readonly missing: string | undefined;
  /** Payload bytes: inflated where that is known. */
  readonly size: number;
  /** Set where `size` is that of the compressed one: bytes that it has more than, if that is known. */
  readonly packed: { readonly moreThan: number | undefined } | undefined;
  /** Bytes on the wire, headers included. */
  readonly wire: number;
  /** Payload bytes of each of its frames; undefined for just one, and for too many to tell. */
  readonly frags: readonly number[] | undefined;
  readonly frames: number;
  readonly compressed: boolean;
}

/** What came of its payload. */
type Read = Pick<Heard, "payload" | "missing"> & {
  readonly size?: number | undefined;
  readonly moreThan?: number | undefined;
};

/** Who is told. What it throws leaves through `feed`. */
export interface TapListener {
  /** A frame begins. */
  begin?(head: FrameHead): void;
  /** It has passed; `message` or `control` follows where something is whole by that. */
  end?(): void;
  message(heard: Heard): void;
  /** @param payload its own, at most 125 bytes */
  control(opcode: number, payload: Buffer): void;
  broken(violation: ProtocolViolation): void;
}

/** How to listen. */
export interface TapOptions {
  readonly direction: Direction;
  /** Set where permessage-deflate was agreed. */
  readonly inflater: Inflater | undefined;
  /** Payload bytes of the largest message that is put together. */
  readonly maxPayload: number;
  /** Whether payloads are wanted at all. */
  readonly payloads: boolean;
}

/** The reader unmasks in place, and the bytes are not ours: it is fed copies, one tap at a time. */
const scratch = Buffer.allocUnsafeSlow(64 * 1024);
const nothing = Buffer.alloc(0);
/** Sizes of fragments are told for messages of at most so many. */
const mostFrags = 10_000;

/** Listens to one direction. */
export class Tap implements FrameSink {
  /** Whether the bytes so far end inside a frame. */
  midFrame = false;
  /** Whether a message has begun that is not whole. */
  midMessage = false;
  /** Whether a rule was broken. */
  isBroken = false;
  readonly #options: TapOptions;
  readonly #listener: TapListener;
  readonly #reader: FrameReader;
  readonly #isMasked: boolean;
  #opcode = 0;
  #fin = false;
  #length = 0;
  #control: Buffer = nothing;
  #controlLength = 0;
  /** Of the message under way. */
  #messageOpcode = 0;
  #compressed = false;
  #wire = 0;
  #frames = 0;
  #frags: number[] | undefined = undefined;
  #announced = 0;
  #store: PayloadStore | undefined = undefined;
  /** The payload, where it lies whole in what is fed. */
  #direct: Buffer | undefined = undefined;

  constructor(options: TapOptions, listener: TapListener) {
    this.#options = options;
    this.#listener = listener;
    this.#isMasked = options.direction === "out";
    this.#reader = new FrameReader(this, {
      role: this.#isMasked ? "server" : "client",
      maxPayload: Infinity,
      allowRsv1: options.inflater !== undefined,
    });
  }

  /** Takes bytes that pass; they are left as they are. */
  feed(chunk: Buffer): void {
    if (this.isBroken) return;
    try {
      if (this.#isMasked) this.#feedCopy(chunk);
      // A server's frames are not masked, and a masked one is refused before it is touched.
      else this.#reader.feed(chunk, 0, chunk.length);
    } catch (error) {
      if (!(error instanceof ProtocolViolation)) throw error;
      this.isBroken = true;
      this.#store = undefined;
      this.#listener.broken(error);
    }
  }

  begin(head: FrameHead): void {
    const { opcode, fin, rsv, length, wire } = head;
    this.midFrame = true;
    this.#opcode = opcode;
    this.#fin = fin;
    this.#length = length;
    if (isControl(opcode)) {
      this.#control = length === 0 ? nothing : Buffer.alloc(length);
      this.#controlLength = 0;
    } else {
      if (opcode === Opcode.continuation) {
        if (!this.midMessage) throw violations.strayContinuation();
      } else {
        if (this.midMessage) throw violations.interruptedMessage(opcode);
        this.#open(opcode, rsv !== 0);
      }
      this.#add(length, wire);
    }
    this.#listener.begin?.(head);
  }

  chunk(buf: Buffer, start: number, end: number): void {
    if (isControl(this.#opcode)) {
      this.#controlLength += buf.copy(this.#control, this.#controlLength, start, end);
      return;
    }
    if (!this.#options.payloads || this.#announced > this.#reach) return;
    if (this.#fin && this.#frames === 1 && end - start === this.#length) {
      this.#direct = buf.subarray(start, end);
      return;
    }
    this.#store ??= new PayloadStore(this.#announced);
    this.#store.append(buf, start, end, this.#fin ? this.#announced : this.#reach);
  }

  end(): void {
    this.midFrame = false;
    this.#listener.end?.();
    if (isControl(this.#opcode)) this.#listener.control(this.#opcode, this.#control);
    else if (this.#fin) this.#finish();
  }

  #feedCopy(chunk: Buffer): void {
    for (let at = 0; at < chunk.length; at += scratch.length) {
      this.#reader.feed(scratch, 0, chunk.copy(scratch, 0, at, at + scratch.length));
    }
  }

  #open(opcode: number, compressed: boolean): void {
    this.midMessage = true;
    this.#messageOpcode = opcode;
    this.#compressed = compressed;
    this.#wire = 0;
    this.#frames = 0;
    this.#frags = undefined;
    this.#announced = 0;
  }

  #add(length: number, wire: number): void {
    this.#wire += wire;
    this.#frames++;
    // Most messages are one frame, and need no list.
    if (this.#frames === 2) this.#frags = [this.#announced];
    else if (this.#frames > mostFrags) this.#frags = undefined;
    this.#frags?.push(length);
    this.#announced += length;
    if (this.#announced > this.#reach) this.#store = undefined;
  }

  /** Bytes of a message on the wire up to which it is kept: what later ones may refer to for longer. */
  get #reach(): number {
    const { inflater, maxPayload } = this.#options;
    return this.#compressed && inflater ? inflater.reach : maxPayload;
  }

  /** Clears what is under way before it tells, so that whoever is told may throw. */
  #finish(): void {
    const raw = this.#direct ?? this.#store?.bytes.subarray(0, this.#store.length) ?? nothing;
    this.#direct = undefined;
    this.#store = undefined;
    this.midMessage = false;
    const { payload, missing, size, moreThan } = this.#read(raw);
    const isPacked = this.#compressed && missing !== undefined && size === undefined;
    this.#listener.message({
      opcode: this.#messageOpcode,
      payload,
      missing,
      size: payload?.length ?? size ?? this.#announced,
      packed: isPacked ? { moreThan } : undefined,
      wire: this.#wire,
      frags: this.#frags,
      frames: this.#frames,
      compressed: this.#compressed,
    });
  }

  #read(raw: Buffer): Read {
    const { payloads, inflater } = this.#options;
    if (!payloads) return { payload: undefined, missing: undefined };
    const isPacked = this.#compressed && inflater;
    if (this.#announced > this.#reach) {
      if (isPacked) inflater.skip();
      return { payload: undefined, missing: isPacked ? "far too large" : "too large" };
    }
    if (!isPacked) return { payload: raw, missing: undefined };
    const inflated = inflater.inflate(raw);
    return inflated.payload
      ? { payload: inflated.payload, missing: undefined }
      : { ...inflated, missing: inflated.why };
  }
}
