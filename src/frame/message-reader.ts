/**
 * Owns the way from bytes to messages (RFC 6455 §5.4): fragments put together, control frames
 * picked out from between them, text and close payloads validated. A message that lies whole in
 * one read is handed on where it lies; only what straddles reads or frames is collected.
 */

import { parseClosePayload } from "./close.js";
import { FrameReader, type FrameHead, type FrameSink } from "./frame-reader.js";
import { isControl, Opcode, type ControlOpcode, type DataOpcode } from "./opcode.js";
import { PayloadStore } from "./payload-store.js";
import { isValidUtf8, utf8Accept, utf8FaultAt, utf8Reject, utf8Step } from "./utf8.js";
import { violations } from "./violation.js";

/**
 * Takes what a {@link MessageReader} finds. In both callbacks `buf[start, end)` is only good until
 * the callback returns: it may be the memory that was fed.
 *
 * A callback may throw: the error leaves through `feed`, and the reader is dead from then on. It
 * may call `stop`, or destroy what owns the reader. It must not feed the same reader.
 */
export interface MessageSink {
  /**
   * A whole message; if text, then valid UTF-8.
   *
   * @param wire bytes on the wire of all its frames, headers included; not those of the control
   *   frames between them
   */
  message(opcode: DataOpcode, buf: Buffer, start: number, end: number, wire: number): void;
  /** A control frame; if a close frame, then its payload is valid and nothing comes after it. */
  control(opcode: ControlOpcode, buf: Buffer, start: number, end: number): void;
}

/** What a {@link MessageReader} accepts. */
export interface MessageReaderOptions {
  /** Whose part is played: a client refuses masked frames, a server unmasked ones (§5.1). */
  readonly role: "client" | "server";
  /** The most bytes of payload in a message, all its fragments together. */
  readonly maxPayload: number;
  /** The most fragments in a message; 100,000 unless told. */
  readonly maxFragments?: number | undefined;
}

const manyFragments = 100_000;

const nothing = Buffer.alloc(0);

/** The message and the control frame that are under way, and what to do with their frames. */
class Assembly implements FrameSink {
  private readonly sink: MessageSink;
  private readonly maxPayload: number;
  private readonly maxFragments: number;
  /** The reader whose frames these are. A field, since a closure is larger. */
  reader: FrameReader | undefined = undefined;
  /** Opcode of the message under way, 0 when there is none. */
  private opcode: DataOpcode | 0 = 0;
  /** Whether the current frame is the last of its message; false between messages. */
  private fin = false;
  /** Opcode of the control frame under way, 0 when there is none. */
  private control: ControlOpcode | 0 = 0;
  /** Payload bytes of the current frame still to come. */
  private due = 0;
  private fragments = 0;
  /** Payload bytes that the frames of the message announced so far. */
  private announced = 0;
  private wire = 0;
  /** Where the text under way stands; between messages always {@link utf8Accept}. */
  private utf8 = utf8Accept;
  /** What has come of a message that does not lie whole in one read. */
  private store: PayloadStore | undefined = undefined;
  /** The same of a control frame, which may come while a message is under way. */
  private aside: PayloadStore | undefined = undefined;

  constructor(sink: MessageSink, options: MessageReaderOptions) {
    this.sink = sink;
    this.maxPayload = options.maxPayload;
    this.maxFragments = options.maxFragments ?? manyFragments;
  }

  release(): void {
    this.store = undefined;
    this.aside = undefined;
  }

  begin(head: FrameHead): void {
    const { opcode } = head;
    this.due = head.length;
    // The frame reader lets no reserved opcode through, so what it is not, is the other.
    if (isControl(opcode)) {
      this.control = opcode as ControlOpcode;
      return;
    }
    if (opcode === Opcode.continuation) {
      if (this.opcode === 0) throw violations.strayContinuation();
    } else {
      if (this.opcode !== 0) throw violations.interruptedMessage(opcode);
      this.opcode = opcode as DataOpcode;
      this.fragments = 0;
      this.announced = 0;
      this.wire = 0;
    }
    this.fragments++;
    if (this.fragments > this.maxFragments) throw violations.tooManyFragments(this.maxFragments);
    this.announced += head.length;
    if (this.announced > this.maxPayload) {
      throw violations.payloadTooBig(this.announced, this.maxPayload);
    }
    this.wire += head.wire;
    this.fin = head.fin;
  }

  chunk(buf: Buffer, start: number, end: number): void {
    const whole = end - start === this.due;
    this.due -= end - start;
    if (this.control !== 0) {
      if (whole && this.aside === undefined) {
        this.handOnControl(buf, start, end);
      } else {
        const announced = end - start + this.due;
        this.aside ??= new PayloadStore(announced);
        this.aside.append(buf, start, end, 125);
      }
    } else if (whole && this.fin && this.store === undefined) {
      if (this.opcode === Opcode.text && !isValidUtf8(buf, start, end)) {
        throw this.invalidText(buf, start, end);
      }
      this.handOn(buf, start, end);
    } else {
      this.collect(buf, start, end);
    }
  }

  end(): void {
    if (this.control !== 0) {
      const aside = this.aside;
      this.aside = undefined;
      if (aside === undefined) this.handOnControl(nothing, 0, 0);
      else this.handOnControl(aside.bytes, 0, aside.length);
    } else if (this.fin) {
      const store = this.store;
      this.store = undefined;
      if (this.utf8 !== utf8Accept) throw violations.truncatedText(this.announced);
      if (store === undefined) this.handOn(nothing, 0, 0);
      else this.handOn(store.bytes, 0, store.length);
    }
  }

  private collect(buf: Buffer, start: number, end: number): void {
    if (this.opcode === Opcode.text) {
      const state = utf8Step(this.utf8, buf, start, end);
      if (state === utf8Reject) throw this.invalidText(buf, start, end);
      this.utf8 = state;
    }
    this.store ??= new PayloadStore(this.announced);
    // Only the last frame tells how long the message is.
    this.store.append(buf, start, end, this.fin ? this.announced : this.maxPayload);
  }

  /** Names the byte at fault in `buf[start, end)`, which follows what has come before it. */
  private invalidText(buf: Buffer, start: number, end: number): Error {
    const at = utf8FaultAt(this.utf8, buf, start, end);
    if (at === end) return violations.truncatedText(this.announced);
    return violations.invalidText(buf[at]!, (this.store?.length ?? 0) + at - start);
  }

  /** Clears what is under way before the callback, which is then free to throw. */
  private handOn(buf: Buffer, start: number, end: number): void {
    const opcode = this.opcode as DataOpcode;
    this.opcode = 0;
    this.fin = false;
    this.sink.message(opcode, buf, start, end, this.wire);
  }

  private handOnControl(buf: Buffer, start: number, end: number): void {
    const opcode = this.control as ControlOpcode;
    this.control = 0;
    if (opcode === Opcode.close) {
      parseClosePayload(buf, start, end);
      this.reader?.stop();
    }
    this.sink.control(opcode, buf, start, end);
  }
}

/**
 * Finds the messages in a stream of bytes, however it was cut into reads and frames. `feed` throws
 * at the first broken rule, of frames as of messages; text fails at the first byte that can not be
 * UTF-8. After a close frame everything is ignored (RFC 6455 §1.4, §5.5.1).
 */
export class MessageReader extends FrameReader {
  private readonly assembly: Assembly;

  constructor(sink: MessageSink, options: MessageReaderOptions) {
    const assembly = new Assembly(sink, options);
    super(assembly, { role: options.role, maxPayload: options.maxPayload });
    assembly.reader = this;
    this.assembly = assembly;
  }

  override stop(): void {
    super.stop();
    this.assembly.release();
  }
}
