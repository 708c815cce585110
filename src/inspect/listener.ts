/** Owns listening: from the bytes of a server to what was heard, bounded whatever it sends. */
import { constants, inflateRawSync } from "node:zlib";
import { messageOf } from "../base/errors.js";
import { parseClosePayload } from "../frame/close.js";
import { type FrameHead, FrameReader, type FrameSink } from "../frame/frame-reader.js";
import { isControl, Opcode } from "../frame/opcode.js";
import type { Heard, HeardEnd, HeardMessage } from "./heard.js";

/** Bytes of messages that are kept in all, and of one that is inflated. */
const mostKept = 262_144;
const mostMessages = 100;
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
  /** Takes what a ping wants back. */
  onPing: ((payload: Buffer) => void) | undefined = undefined;
  /** Called after whatever may change what somebody waits for. */
  onNews: (() => void) | undefined = undefined;
  readonly #reader: FrameReader;
  readonly #began = performance.now();
  /** The message under way: its pieces that are kept, its opcode, whether it is compressed. */
  #pieces: Buffer[] = [];
  #opcode = 0;
  #isCompressed = false;
  #kept = 0;
  /** The control frame under way. */
  #control: Buffer | undefined = undefined;
  #frame = { opcode: 0, fin: true };
  /** The last of what was inflated: the next message may refer to it. */
  #window: Buffer = nothing;

  /** @param maxPayload bytes of the largest frame that is let pass */
  constructor(maxPayload: number) {
    // A compressed frame is read even where nothing was agreed: what it holds is not judged here.
    this.#reader = new FrameReader(this, { role: "client", maxPayload, allowRsv1: true });
  }

  /** Milliseconds since the upgrade. */
  get now(): number {
    return performance.now() - this.#began;
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
    this.firstAt ??= this.now;
    this.#frame = { opcode, fin };
    if (isControl(opcode)) this.#control = nothing;
    else if (opcode !== Opcode.continuation) {
      this.#opcode = opcode;
      this.#isCompressed = rsv === 4;
      this.#pieces = [];
      this.#kept = 0;
    }
  }

  chunk(buf: Buffer, start: number, end: number): void {
    const piece = buf.subarray(start, end);
    if (this.#control) {
      this.#control = Buffer.concat([this.#control, piece]);
      return;
    }
    const room = mostKept - this.#kept;
    if (room <= 0) return;
    this.#pieces.push(Buffer.from(piece.subarray(0, room)));
    this.#kept += Math.min(room, piece.length);
  }

  end(): void {
    const control = this.#control;
    this.#control = undefined;
    if (control) this.#takeControl(this.#frame.opcode, control);
    else if (this.#frame.fin) this.#takeMessage();
  }

  #takeControl(opcode: number, payload: Buffer): void {
    if (opcode === Opcode.ping) {
      this.pings++;
      this.onPing?.(payload);
    } else if (opcode === Opcode.pong) this.pongs++;
    else {
      const status = parseClosePayload(payload, 0, payload.length);
      this.ended = { kind: "close", status, at: this.now };
      this.#reader.stop();
    }
  }

  #takeMessage(): void {
    this.count++;
    const raw = Buffer.concat(this.#pieces);
    this.#pieces = [];
    const payload = this.#isCompressed ? this.#inflate(raw) : raw;
    const held = this.messages.reduce((sum, message) => sum + message.payload.length, 0);
    if (this.messages.length >= mostMessages || held + payload.length > mostKept) return;
    this.messages.push({ opcode: this.#opcode, payload, at: this.now });
  }

  #inflate(raw: Buffer): Buffer {
    try {
      const inflated = inflateRawSync(Buffer.concat([raw, tail]), {
        finishFlush: constants.Z_SYNC_FLUSH,
        maxOutputLength: mostKept,
        ...(this.#window.length > 0 ? { dictionary: this.#window } : {}),
      });
      this.#window = Buffer.concat([this.#window, inflated]).subarray(-deflateWindow);
      return inflated;
    } catch (error) {
      this.violation ??= `a compressed message cannot be inflated: ${messageOf(error)}`;
      return nothing;
    }
  }
}
