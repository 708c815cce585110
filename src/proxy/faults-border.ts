/**
 * Owns where frames end in the bytes to a client: a look at headers alone, so cheap that it can go on
 * for every connection. A fault that is switched on in the middle of a connection begins its work at
 * such a border, and never within a frame.
 */
import { AnswerWatch } from "./answer-watch.js";

const longestHeader = 10;

/** Follows the bytes of one connection, from the first byte of the answer. */
export class FrameBorder {
  /** Data messages so far, all of whose headers have come. */
  messages = 0;
  /** What comes next: `lost` when it is no WebSocket, or one that is masked. */
  #phase: "head" | "frames" | "lost" = "head";
  /** Listens to the head, interim ones before it. */
  #watch: AnswerWatch | undefined = new AnswerWatch("GET");
  readonly #header = Buffer.alloc(longestHeader);
  #headerLength = 0;
  /** Payload bytes still to come. */
  #remaining = 0;
  /** Whether nothing has come yet. */
  get atStart(): boolean {
    return this.#watch?.hasBegun === false;
  }

  /** Whether the next byte begins a frame. */
  get atBorder(): boolean {
    return this.#phase === "frames" && this.#remaining === 0 && this.#headerLength === 0;
  }

  /**
   * Goes over `bytes` from `from` on, to their end or to the first border after that.
   * @returns how far it went
   */
  next(bytes: Buffer, from: number): number {
    let at = from;
    while (at < bytes.length) {
      if (this.#phase === "lost") return bytes.length;
      at = this.#phase === "head" ? this.#inHead(bytes, at) : this.#inFrame(bytes, at);
      if (this.atBorder) return at;
    }
    return at;
  }

  #inHead(bytes: Buffer, from: number): number {
    const watch = this.#watch!;
    let end = bytes.length;
    try {
      end = from + watch.feed(bytes.subarray(from));
      if (!watch.response) return end;
      this.#phase = watch.response.status === 101 ? "frames" : "lost";
    } catch {
      this.#phase = "lost";
    }
    this.#watch = undefined;
    return this.#phase === "frames" ? end : bytes.length;
  }

  #inFrame(bytes: Buffer, from: number): number {
    if (this.#remaining > 0) return this.#skip(bytes, from);
    let at = from;
    while (at < bytes.length) {
      this.#header[this.#headerLength++] = bytes[at++]!;
      if (this.#headerLength < 2 || this.#headerLength < this.#headerSize) continue;
      if (this.#header[1]! >= 0x80) {
        this.#phase = "lost";
        return bytes.length;
      }
      // A last frame that is no control frame: a message is whole with it.
      if ((this.#header[0]! & 0x88) === 0x80) this.messages++;
      this.#remaining = this.#payloadLength;
      this.#headerLength = 0;
      return this.#remaining > 0 ? this.#skip(bytes, at) : at;
    }
    return at;
  }

  #skip(bytes: Buffer, from: number): number {
    const skipped = Math.min(this.#remaining, bytes.length - from);
    this.#remaining -= skipped;
    return from + skipped;
  }

  get #headerSize(): number {
    const marker = this.#header[1]! & 0x7f;
    return 2 + (marker < 126 ? 0 : marker === 126 ? 2 : 8);
  }

  get #payloadLength(): number {
    const marker = this.#header[1]! & 0x7f;
    if (marker < 126) return marker;
    return marker === 126
      ? this.#header.readUInt16BE(2)
      : this.#header.readUInt32BE(2) * 2 ** 32 + this.#header.readUInt32BE(6);
  }
}
