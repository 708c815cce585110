/** Owns listening: from the bytes of a server to what was heard, bounded whatever it sends. */
import { constants, inflateRawSync } from "node:zlib";
import { messageOf } from "../base/errors.js";
import { parseClosePayload } from "../frame/close.js";
import { type FrameHead, FrameReader, type FrameSink } from "../frame/frame-reader.js";
import { isControl, Opcode } from "../frame/opcode.js";
import { utf8Accept, utf8FaultAt, utf8Reject, utf8Step } from "../frame/utf8.js";
import { violations } from "../frame/violation.js";
import type { Heard, HeardEnd, HeardMessage } from "./heard.js";

/** Bytes of messages that are kept in all. */
const mostKept = 262_144;
const mostMessages = 100;
/** Bytes of one message that is inflated: what comes to more is let be. */
const mostInflated = 1_048_576;
/** The window of deflate (RFC 7692 §7.1.2): so much of what came before may be referred to. */
const deflateWindow = 32_768;
/** What a sender leaves out at the end of each compressed message (RFC 7692 §7.2.1). */
const tail = Buffer.from([0, 0, 0xff, 0xff]);

const nothing = Buffer.alloc(0);

/** Hears one connection. */
export class Listener implements FrameSink, Heard {
  readonly messages: HeardMessage[] = [];
  count = 0;
  pings = 0;
  pongs = 0;
  firstAt: number | undefined = undefined;
  glued = 0;
  ended: HeardEnd | undefined = undefined;
  violation: string | undefined = undefined;
  pingedAt: number | undefined = undefined;
  pongAt: number | undefined = undefined;
  /** Takes what a ping wants back. */
  onPing: ((payload: Buffer) => void) | undefined = undefined;
  /** Called after whatever may change what somebody waits for. */
  onNews: (() => void) | undefined = undefined;
  readonly #reader: FrameReader;
  readonly #began = performance.now();
  /** What the ping held that is to be answered. */
  #pinged: Buffer = nothing;
  /** The message under way: what of it is kept, its size, its opcode, whether it is compressed. */
  #pieces: Buffer = nothing;
  #kept = 0;
  #size = 0;
  #opcode = 0;
  #isCompressed = false;
  /** Where the text under way stands. */
  #utf8 = utf8Accept;
  /** Bytes of the messages that are kept. */
  #held = 0;
  /** The control frame under way; at most 125 bytes. */
  #control: Buffer | undefined = undefined;
  #frame = { opcode: 0, fin: true };
  /** The last of what was inflated: the next message may refer to it. Undefined once it is lost. */
  #window: Buffer | undefined = nothing;

  /**
   * @param maxPayload bytes of the largest frame that is let pass
   * @param isDeflating whether permessage-deflate was agreed, so that RSV1 may be set
   */
  constructor(maxPayload: number, isDeflating = true) {
    this.#reader = new FrameReader(this, { role: "client", maxPayload, allowRsv1: isDeflating });
  }

  /** Milliseconds since the upgrade. */
  get now(): number {
    return performance.now() - this.#began;
  }

  get watched(): number {
    return this.ended?.at ?? this.now;
  }

  /** A ping with that payload is sent now. */
  expectPong(payload: Buffer): void {
    this.#pinged = payload;
    this.pingedAt = this.now;
  }

  /** Takes what came. */
  feed(bytes: Buffer, start: number, end: number): void {
    if (this.ended || this.violation !== undefined) return;
    try {
      this.#reader.feed(bytes, start, end);
    } catch (error) {
      this.violation = messageOf(error);
    }
    this.onNews?.();
  }

  /** TCP has ended. */
  cut(): void {
    this.ended ??= { kind: "cut", at: this.now };
    this.onNews?.();
  }

  begin({ opcode, fin, rsv }: FrameHead): void {
    // What answers us did not come by itself.
    if (opcode !== Opcode.pong || this.pingedAt === undefined) this.firstAt ??= this.now;
    this.#frame = { opcode, fin };
    if (isControl(opcode)) {
      this.#control = nothing;
      return;
    }
    if (opcode === Opcode.continuation) {
      if (this.#opcode === 0) throw violations.strayContinuation();
      return;
    }
    if (this.#opcode !== 0) throw violations.interruptedMessage(opcode);
    this.#opcode = opcode;
    this.#isCompressed = rsv === 4;
    this.#kept = 0;
    this.#size = 0;
    this.#utf8 = utf8Accept;
  }

  chunk(buf: Buffer, start: number, end: number): void {
    if (this.#control) {
      this.#control = Buffer.concat([this.#control, buf.subarray(start, end)]);
      return;
    }
    if (this.#opcode === Opcode.text && !this.#isCompressed) {
      this.#judgeText(buf, start, end);
    }
    this.#size += end - start;
    this.#keep(buf, start, Math.min(end, start + mostKept - this.#kept));
  }

  end(): void {
    const control = this.#control;
    this.#control = undefined;
    if (control) this.#takeControl(this.#frame.opcode, control);
    else if (this.#frame.fin) this.#takeMessage();
  }

  /** Text has to be UTF-8 (RFC 6455 §8.1), however it is cut into pieces. */
  #judgeText(buf: Buffer, start: number, end: number): void {
    const state = utf8Step(this.#utf8, buf, start, end);
    if (state === utf8Reject) {
      const at = utf8FaultAt(this.#utf8, buf, start, end);
      throw violations.invalidText(buf[at] ?? 0, this.#size + at - start);
    }
    this.#utf8 = state;
  }

  /** The bytes are the reader's: they are copied, into room that is doubled when it is used up. */
  #keep(buf: Buffer, start: number, end: number): void {
    if (end <= start) return;
    const needed = this.#kept + end - start;
    if (needed > this.#pieces.length) {
      const grown = Buffer.allocUnsafe(Math.min(mostKept, Math.max(1024, 2 * needed)));
      this.#pieces.copy(grown, 0, 0, this.#kept);
      this.#pieces = grown;
    }
    buf.copy(this.#pieces, this.#kept, start, end);
    this.#kept = needed;
  }

  #takeControl(opcode: number, payload: Buffer): void {
    if (opcode === Opcode.ping) {
      this.pings++;
      this.onPing?.(payload);
    } else if (opcode === Opcode.pong) {
      this.pongs++;
      // It has to hold what the ping held (RFC 6455 §5.5.3): else it answers nothing.
      const isAnswer = this.pingedAt !== undefined && payload.equals(this.#pinged);
      if (isAnswer) this.pongAt ??= this.now;
    } else {
      const status = parseClosePayload(payload, 0, payload.length);
      this.ended = { kind: "close", status, at: this.now };
      this.#reader.stop();
    }
  }

  #takeMessage(): void {
    const opcode = this.#opcode;
    this.#opcode = 0;
    if (this.#utf8 !== utf8Accept) throw violations.truncatedText(this.#size);
    this.count++;
    if (this.messages.length >= mostMessages || this.#held >= mostKept) return;
    const raw = this.#pieces.subarray(0, this.#kept);
    const whole = this.#isCompressed ? this.#inflate(raw) : Buffer.from(raw);
    if (this.#isCompressed && opcode === Opcode.text) {
      this.#size = 0;
      this.#judgeText(whole, 0, whole.length);
      if (this.#utf8 !== utf8Accept) throw violations.truncatedText(whole.length);
    }
    const payload = whole.subarray(0, mostKept - this.#held);
    this.#held += payload.length;
    this.messages.push({ opcode, payload, at: this.now });
  }

  /** @returns nothing where it is too large, or refers to what was */
  #inflate(raw: Buffer): Buffer {
    if (!this.#window || this.#size > raw.length) {
      this.#window = undefined;
      return nothing;
    }
    try {
      const inflated = inflateRawSync(Buffer.concat([raw, tail]), {
        finishFlush: constants.Z_SYNC_FLUSH,
        maxOutputLength: mostInflated,
        ...(this.#window.length > 0 ? { dictionary: this.#window } : {}),
      });
      this.#window = Buffer.concat([this.#window, inflated]).subarray(-deflateWindow);
      return inflated;
    } catch (error) {
      this.#window = undefined;
      // Its size is no fault of it.
      if ((error as { code?: unknown }).code === "ERR_BUFFER_TOO_LARGE") return nothing;
      throw new Error(`a compressed message cannot be inflated: ${messageOf(error)}`, {
        cause: error,
      });
    }
  }
}
