/**
 * Owns the way of bytes past an Interference: they are held until the message they belong to is
 * whole and judged, and then go on as they came, replaced, later or not at all. Whatever is not acted
 * on leaves byte for byte, in the order in which it came.
 */
import type { FrameHead } from "../frame/frame-reader.js";
import { isControl, Opcode } from "../frame/opcode.js";
import type { Direction } from "../session/session-events.js";
import type { Instead, Interference, Verdict } from "./interference.js";
import type { Heard } from "./tap.js";

/** Where the bytes go, and who hears what was done to them. */
export interface SieveOptions {
  readonly direction: Direction;
  readonly interference: Interference;
  /** Payload bytes on the wire of the largest message that is held. */
  readonly maxPayload: number;
  /** @param isWhole whether the last frame of all that was written ends with it */
  readonly write: (bytes: Buffer, delay: number, isWhole: boolean) => void;
  /** @param instead what goes on in a message's place, if something else does */
  readonly note: (text: string, instead?: Instead) => void;
  /** The message that was heard last goes on in no form. */
  readonly takenAway: () => void;
  /** The receiver can no longer be served: the connection is to be cut. */
  readonly cut: (why: string) => void;
}

/** So many frames are held for a message at most: empty ones are none of its payload. */
const mostHeld = 10_000;
/** Pieces are joined up to so many bytes: what comes byte by byte would cost a Buffer each. */
const joined = 32 * 1024;

/** Holds the bytes of one direction. What `feed` is given belongs to the sieve from then on. */
export class Sieve {
  /** Whether a last word was spoken. */
  isShut = false;
  readonly #options: SieveOptions;
  /** What came and is in no whole frame yet, in order. */
  #pending: Buffer[] = [];
  /** What may leave, in order. */
  #leaving: Buffer[] = [];
  /** Whole frames of the message under way. */
  #held: (readonly Buffer[])[] = [];
  /** The control frame that ended last. */
  #control: readonly Buffer[] = [];
  #heldMessage = 0;
  #delay = 0;
  /** Bytes of the frame under way that are still to be taken from what comes. */
  #due = 0;
  #opcode = 0;
  /** Whether the message under way passes unseen, since it is too large to be held. */
  #isOver = false;
  /** Whether nothing can be judged any more: everything goes on as it comes. */
  #isOpen = false;
  /** Whether nothing goes on any more. */
  #isCut = false;
  /** Whether what went on ends within a frame, or nobody knows. */
  #isPart = false;

  constructor(options: SieveOptions) {
    this.#options = options;
  }

  /**
   * Takes bytes.
   * @param tell makes the tap read them, which calls back what follows here
   */
  feed(chunk: Buffer, tell: () => void): void {
    if (this.#isCut) {
      tell();
      return;
    }
    if (this.#isOpen) {
      this.#options.write(chunk, 0, false);
      return;
    }
    this.#append(chunk);
    try {
      tell();
      if (this.#isOver && this.#due > 0 && !isControl(this.#opcode)) this.#letPart();
    } finally {
      this.#leave();
    }
  }

  /** A frame begins. */
  begin({ opcode, length, wire }: FrameHead): void {
    if (this.#isCut) return;
    this.#opcode = opcode;
    this.#due = wire;
    if (!isControl(opcode)) this.#heldMessage += length;
    const isTooMuch = this.#heldMessage > this.#options.maxPayload || this.#held.length >= mostHeld;
    if (this.#isOver || !isTooMuch) return;
    this.#isOver = true;
    if (this.#refuse("a message over the bound")) return;
    this.#options.note("a message over the bound passed unjudged");
    this.#flush();
  }

  /** The frame is whole. */
  end(): void {
    if (this.#isCut) return;
    const bytes = this.#take(this.#due);
    this.#due = 0;
    if (isControl(this.#opcode)) {
      this.#control = bytes;
    } else if (this.#isOver) {
      this.#isPart = false;
      this.#write(bytes, 0);
    } else {
      this.#held.push(bytes);
    }
  }

  /**
   * The control frame that ended is to be judged. It does not wait for the message that it came in the
   * middle of (RFC 6455 §5.4): heartbeats would fail over large ones.
   */
  control(opcode: number, payload: Buffer): void {
    if (this.#isCut) return;
    const bytes = this.#control;
    this.#control = [];
    const { direction, interference } = this.#options;
    const verdict = interference.judge({
      direction,
      opcode,
      bytes,
      payload,
      compressed: false,
      frames: 1,
    });
    // Behind a close frame nothing can make whole what is held.
    if (opcode === Opcode.close && verdict?.bytes?.length !== 0) this.#letUnfinished();
    this.#heed(verdict);
    this.#goOn(verdict?.bytes ? [verdict.bytes] : bytes);
    if (verdict?.isLast) this.#shut();
  }

  /** The message that ended is to be judged. */
  message(heard: Heard): void {
    if (this.#isCut) return;
    const wasOver = this.#isOver;
    this.#isOver = false;
    this.#heldMessage = 0;
    if (wasOver) return;
    const { opcode, payload, missing, compressed, frames } = heard;
    if (!payload) {
      if (!this.#refuse(`a message that cannot be read (${missing ?? "not kept"})`)) this.#flush();
      return;
    }
    const { direction, interference } = this.#options;
    const bytes = this.#held.flat();
    const verdict = interference.judge({ direction, opcode, bytes, payload, compressed, frames });
    this.#heed(verdict);
    this.#held = [];
    if (verdict?.bytes?.length === 0) this.#options.takenAway();
    this.#goOn(verdict?.bytes ? [verdict.bytes] : bytes);
    if (verdict?.isLast) this.#shut();
  }

  /** Nobody can tell any more where frames begin. */
  broken(): void {
    if (this.#isCut || this.#refuse("a stream that breaks the protocol")) return;
    this.#isOpen = true;
    this.#isPart = true;
    this.#flush();
    this.#write(this.#pending, 0);
    this.#pending = [];
  }

  /** The stream ended: what is held goes on, since nothing will make it whole. */
  finish(): void {
    if (this.#isCut || this.#options.interference.committed) return;
    this.#isOpen = true;
    this.#flush();
    this.#isPart ||= this.#pending.length > 0;
    this.#write(this.#pending, 0);
    this.#pending = [];
    this.#leave();
  }

  #heed(verdict: Verdict | undefined): void {
    if (!verdict) return;
    this.#delay = Math.max(this.#delay, verdict.delay ?? 0);
    if (verdict.note !== undefined) this.#options.note(verdict.note, verdict.instead);
  }

  /** Whether the connection is cut, because the receiver could not follow what passes unjudged. */
  #refuse(what: string): boolean {
    if (!this.#options.interference.committed) return false;
    this.#pending = [];
    this.#held = [];
    this.#isCut = true;
    this.#options.cut(`${what} came after rules had changed what the receiver knows`);
    return true;
  }

  /** Fragments that were never judged go on, unless the receiver could not follow them. */
  #letUnfinished(): void {
    if (this.#options.interference.committed) this.#held = [];
    this.#flush();
  }

  /** Nothing goes on behind what was written; it is still listened to. */
  #shut(): void {
    this.#leave();
    this.isShut = true;
    this.#isCut = true;
    this.#pending = [];
    this.#held = [];
  }

  #flush(): void {
    const held = this.#held;
    this.#held = [];
    this.#goOn(held.flat());
  }

  #goOn(bytes: readonly Buffer[]): void {
    const delay = this.#delay;
    this.#delay = 0;
    this.#write(bytes, delay);
  }

  /** What needs no delay leaves at the end of what is fed: a write for each message would be dear. */
  #write(pieces: readonly Buffer[], delay: number): void {
    if (delay === 0) {
      for (const piece of pieces) this.#leaving.push(piece);
      return;
    }
    this.#leave();
    // In one piece, so that what cuts in finds whole frames.
    if (pieces.length > 0) this.#options.write(Buffer.concat(pieces), delay, true);
  }

  #leave(): void {
    const leaving = this.#leaving;
    if (leaving.length === 0) return;
    this.#leaving = [];
    const bytes = leaving.length === 1 ? leaving[0]! : Buffer.concat(leaving);
    this.#options.write(bytes, 0, !this.#isPart);
  }

  /** Lets go what has come of a frame that is not held. */
  #letPart(): void {
    for (const piece of this.#pending) this.#due -= piece.length;
    this.#isPart ||= this.#pending.length > 0;
    this.#write(this.#pending, 0);
    this.#pending = [];
  }

  /** Keeps few pieces, and copies each byte few times: only pieces of like size are joined. */
  #append(chunk: Buffer): void {
    let last = chunk;
    for (;;) {
      const before = this.#pending.at(-1);
      if (!before || before.length > 2 * last.length || before.length + last.length > joined) break;
      this.#pending.pop();
      last = Buffer.concat([before, last]);
    }
    this.#pending.push(last);
  }

  /** The next so many bytes of what is pending. */
  #take(count: number): Buffer[] {
    const taken: Buffer[] = [];
    let left = count;
    let at = 0;
    for (; left > 0 && at < this.#pending.length; at++) {
      const piece = this.#pending[at]!;
      if (piece.length > left) {
        taken.push(piece.subarray(0, left));
        this.#pending[at] = piece.subarray(left);
        break;
      }
      taken.push(piece);
      left -= piece.length;
    }
    if (at > 0) this.#pending.splice(0, at);
    return taken;
  }
}
