/**
 * Owns the memory of messages on their way to `ws`. On its own `ws` keeps every read and every
 * fragment that a message lies in, and joins them at the end: a server could make it hold many times
 * what it sends, or twice the largest message. So a message that does not lie whole in one read is
 * gathered here, and handed over as one frame whose payload is one piece, which `ws` keeps as it is.
 */
import { type FrameHead, FrameReader, type FrameSink } from "../frame/frame-reader.js";
import { isControl, Opcode } from "../frame/opcode.js";
import { PayloadStore } from "../frame/payload-store.js";
import { ProtocolViolation, violations } from "../frame/violation.js";

/** What is gathered, and where it goes. */
export interface GatherOptions {
  /** Bytes of the largest message; of a larger one only the header is handed on, to be refused. */
  readonly maxPayload: number;
  /** Whether permessage-deflate was agreed. */
  readonly allowRsv1: boolean;
  /** Takes what `ws` is to read next. */
  readonly push: (bytes: Buffer) => void;
}

/** Something under way: a message, or a control frame between its fragments. */
interface Parcel {
  /** The first byte of its frame: FIN, reserved bits and opcode. */
  readonly first: number;
  readonly store: PayloadStore;
  /** Payload bytes that its frames announced so far. */
  announced: number;
}

/** Large steps, since what each leaves behind adds to the one message: an eighth of it at most. */
const growth = 8;

const nothing = Buffer.alloc(0);

/** The header of an unmasked frame (RFC 6455 §5.2). */
function header(first: number, length: number): Buffer {
  if (length < 126) return Buffer.of(first, length);
  if (length < 65_536) return Buffer.of(first, 126, length >> 8, length & 0xff);
  const bytes = Buffer.alloc(10);
  bytes.writeUInt16BE((first << 8) | 127);
  bytes.writeBigUInt64BE(BigInt(length), 2);
  return bytes;
}

/** The way of one connection's bytes to `ws`. */
export class Gather implements FrameSink {
  readonly #options: GatherOptions;
  readonly #reader: FrameReader;
  /** What is fed now, and where in the whole stream it begins and the next frame does. */
  #chunk: Buffer = nothing;
  #chunkAt = 0;
  #frameAt = 0;
  /** Where in the chunk begins what was not handed over, and is to be as it is. */
  #passedTo = 0;
  /** The beginning of a header that the chunks before ended in; 13 bytes at most. */
  #cutHeader: Buffer = nothing;
  #message: Parcel | undefined = undefined;
  /** What the payload of the present frame goes into; undefined for one that passes as it is. */
  #into: Parcel | undefined = undefined;
  #isLast = false;
  #state: "reading" | "broken" | "refused" = "reading";

  constructor(options: GatherOptions) {
    this.#options = options;
    const { allowRsv1 } = options;
    this.#reader = new FrameReader(this, { role: "client", maxPayload: Infinity, allowRsv1 });
  }

  /** Takes bytes of the server; nothing of `chunk` is changed. */
  feed(chunk: Buffer): void {
    if (this.#state === "broken") this.#options.push(chunk);
    if (this.#state !== "reading") return;
    this.#chunk = chunk;
    // What belongs to a frame under way is copied; what follows it may pass.
    this.#passedTo = Math.min(chunk.length, Math.max(0, this.#frameAt - this.#chunkAt));
    try {
      this.#reader.feed(chunk, 0, chunk.length);
    } catch (error) {
      if (!(error instanceof ProtocolViolation)) throw error;
      this.#break();
      return;
    }
    if (this.#state !== "reading") return;
    const end = this.#chunkAt + chunk.length;
    this.#passUntil(Math.min(this.#frameAt, end));
    if (this.#frameAt < end) {
      const rest = chunk.subarray(Math.max(0, this.#frameAt - this.#chunkAt));
      this.#cutHeader = Buffer.concat([this.#cutHeader, rest]);
    }
    this.#chunkAt = end;
    this.#chunk = nothing;
  }

  begin({ opcode, fin, rsv, length, wire }: FrameHead): void {
    const control = isControl(opcode);
    const isMore = opcode === Opcode.continuation;
    if (isMore && !this.#message) throw violations.strayContinuation();
    if (!control && !isMore && this.#message) throw violations.interruptedMessage(opcode);
    const start = this.#frameAt;
    this.#frameAt += wire;
    this.#cutHeader = nothing;
    const isWhole = start >= this.#chunkAt && this.#frameAt <= this.#chunkAt + this.#chunk.length;
    if (isWhole && (control || (fin && this.#message === undefined))) return;
    this.#passUntil(start);
    // The payload begins behind the header, and is copied.
    this.#passedTo = Math.min(this.#chunk.length, this.#frameAt - this.#chunkAt);
    let parcel = isMore ? this.#message : undefined;
    parcel ??= {
      first: 0x80 | (rsv << 4) | opcode,
      store: new PayloadStore(length, growth),
      announced: 0,
    };
    if (!control) this.#message = parcel;
    parcel.announced += length;
    this.#into = parcel;
    this.#isLast = fin;
    if (control || parcel.announced <= this.#options.maxPayload) return;
    this.#state = "refused";
    this.#reader.stop();
    this.#options.push(header(parcel.first, parcel.announced));
  }

  chunk(buf: Buffer, start: number, end: number): void {
    const parcel = this.#into;
    if (!parcel) return;
    parcel.store.append(
      buf,
      start,
      end,
      this.#isLast ? parcel.announced : this.#options.maxPayload,
    );
  }

  end(): void {
    const parcel = this.#into;
    this.#into = undefined;
    if (!parcel || !this.#isLast) return;
    if (parcel === this.#message) this.#message = undefined;
    this.#hand(parcel, parcel.first);
  }

  #hand({ store }: Parcel, first: number): void {
    this.#options.push(header(first, store.length));
    if (store.length > 0) this.#options.push(store.bytes.subarray(0, store.length));
  }

  /** Hands over what stands before that place in the stream, as it is. */
  #passUntil(at: number): void {
    const to = at - this.#chunkAt;
    if (to <= this.#passedTo) return;
    this.#options.push(this.#chunk.subarray(this.#passedTo, to));
    this.#passedTo = to;
  }

  /** From a broken rule on `ws` gets the bytes as they come: it decides what that means. */
  #break(): void {
    this.#state = "broken";
    this.#passUntil(this.#frameAt);
    const message = this.#message;
    this.#message = undefined;
    // What ws has not seen of the message under way: it may be the very thing that is interrupted.
    if (message) this.#hand(message, message.first & 0x7f);
    const rest = this.#chunk.subarray(Math.max(0, this.#frameAt - this.#chunkAt));
    this.#options.push(Buffer.concat([this.#cutHeader, rest]));
    this.#cutHeader = nothing;
    this.#chunk = nothing;
  }
}
