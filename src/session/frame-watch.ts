/**
 * Owns the look at one direction of a connection: it follows the bytes as they pass, and tells of
 * every frame and every whole message what they were on the wire. It never alters what passes and
 * never stops it: at the first broken rule it falls silent, and remembers which rule that was.
 */
import { type CloseStatus, parseClosePayload } from "../frame/close.js";
import { type FrameHead, FrameReader, type FrameSink } from "../frame/frame-reader.js";
import { isControl, Opcode } from "../frame/opcode.js";
import { ProtocolViolation, violations } from "../frame/violation.js";
import type { Direction, SessionFrame } from "./session-events.js";

/** What a message was on the wire. */
export interface WireFacts {
  /** When its last frame passed, on the session's clock. */
  readonly at: number;
  readonly wire: number;
  readonly frames: number;
  readonly compressed: boolean;
}

/** What a watch needs of its surroundings. */
export interface WatchOptions {
  readonly direction: Direction;
  /** Whether permessage-deflate was agreed. */
  readonly allowRsv1: boolean;
  /** Milliseconds on the session's clock. */
  readonly now: () => number;
  readonly onFrame: (frame: SessionFrame) => void;
  readonly onMessage: (facts: WireFacts) => void;
  /** Told once when messages go on to come, of which nothing is seen because that rule was broken. */
  readonly onBlind?: (violation: ProtocolViolation) => void;
}

const scratchSize = 16 * 1024;
const nothing = Buffer.alloc(0);

/** Follows one direction. */
export class FrameWatch implements FrameSink {
  /** Bytes that have passed. */
  bytes = 0;
  /** Whether what passed last ended inside a frame. */
  midFrame = false;
  /** The rule that was broken first, if any. */
  violation: ProtocolViolation | undefined = undefined;
  /** What the first close frame said, once it has passed. */
  close: CloseStatus | undefined = undefined;
  readonly #options: WatchOptions;
  readonly #reader: FrameReader;
  /** Where frames of ours are unmasked: the reader does that in place, and the bytes are not its. */
  readonly #scratch: Buffer | undefined;
  #head = { opcode: 0, fin: false, rsv: 0, masked: false, length: 0, wire: 0 };
  #control: Buffer = nothing;
  #controlLength = 0;
  /** The message under way. */
  #isOpen = false;
  #wire = 0;
  #frames = 0;
  #compressed = false;
  #isBlind = false;

  constructor(options: WatchOptions) {
    this.#options = options;
    const isOurs = options.direction === "out";
    this.#scratch = isOurs ? Buffer.allocUnsafeSlow(scratchSize) : undefined;
    this.#reader = new FrameReader(this, {
      role: isOurs ? "server" : "client",
      maxPayload: Infinity,
      allowRsv1: options.allowRsv1,
    });
  }

  /** Takes bytes that pass; they are left as they are. */
  feed(chunk: Buffer): void {
    this.bytes += chunk.length;
    if (this.violation) return;
    try {
      const scratch = this.#scratch;
      if (!scratch) {
        // A server's frames are not masked, and a masked one is refused before it is touched.
        this.#reader.feed(chunk, 0, chunk.length);
        return;
      }
      for (let at = 0; at < chunk.length; at += scratchSize) {
        this.#reader.feed(scratch, 0, chunk.copy(scratch, 0, at, at + scratchSize));
      }
    } catch (error) {
      if (!(error instanceof ProtocolViolation)) throw error;
      this.violation = error;
    }
  }

  /** What is told of a message that came, and whose frames were not seen. */
  unseen(): WireFacts {
    const { onBlind, now } = this.#options;
    if (this.violation && !this.#isBlind) onBlind?.(this.violation);
    this.#isBlind = true;
    return { at: now(), wire: 0, frames: 0, compressed: false };
  }

  begin(head: FrameHead): void {
    const { opcode, fin, rsv, masked, length, wire } = head;
    this.#head = { opcode, fin, rsv, masked, length, wire };
    this.midFrame = true;
    if (isControl(opcode)) {
      this.#control = length === 0 ? nothing : Buffer.alloc(length);
      this.#controlLength = 0;
      return;
    }
    if (opcode === Opcode.continuation) {
      if (!this.#isOpen) throw violations.strayContinuation();
    } else {
      if (this.#isOpen) throw violations.interruptedMessage(opcode);
      this.#isOpen = true;
      this.#wire = 0;
      this.#frames = 0;
      this.#compressed = rsv !== 0;
    }
    this.#wire += wire;
    this.#frames++;
  }

  chunk(buf: Buffer, start: number, end: number): void {
    if (!isControl(this.#head.opcode)) return;
    this.#controlLength += buf.copy(this.#control, this.#controlLength, start, end);
  }

  end(): void {
    const head = this.#head;
    const { direction, now, onFrame, onMessage } = this.#options;
    const control = isControl(head.opcode) ? this.#control : undefined;
    const at = now();
    this.midFrame = false;
    let broken: unknown;
    if (head.opcode === Opcode.close && this.close === undefined) {
      try {
        this.close = parseClosePayload(this.#control, 0, this.#control.length);
      } catch (error) {
        broken = error;
      }
    }
    onFrame({ direction, at, ...head, control });
    // Thrown only now, so that the frame at fault is shown as well.
    if (broken !== undefined) throw broken;
    if (control !== undefined || !head.fin) return;
    this.#isOpen = false;
    onMessage({ at, wire: this.#wire, frames: this.#frames, compressed: this.#compressed });
  }
}
