/**
 * Owns the look at what comes from the client: the opcode of each frame, and nothing else. It
 * touches no byte, because the host reads the same memory after it.
 */
import { isControl } from "../frame/opcode.js";

const longestHeader = 14;
const knownOpcodes = 0x0707;

/** Follows the frames of one client. */
export class IncomingFrames {
  readonly #header = Buffer.alloc(longestHeader);
  #length = 0;
  /** Payload bytes still to come. */
  #remaining = 0;

  /** Takes the bytes that came; `seen` is told of each frame whose header is whole. */
  feed(bytes: Buffer, seen: (opcode: number) => void): void {
    let at = 0;
    while (at < bytes.length) {
      if (this.#remaining > 0) {
        const skipped = Math.min(this.#remaining, bytes.length - at);
        this.#remaining -= skipped;
        at += skipped;
        continue;
      }
      this.#header[this.#length++] = bytes[at++]!;
      if (this.#length === 2 && !this.#isPlausible) {
        // A line that was attached in the middle of a frame. Most reads begin with a frame, so the
        // next one is where to look again.
        this.#length = 0;
        return;
      }
      if (this.#length < 2 || this.#length < this.#headerSize) continue;
      this.#remaining = this.#payloadLength;
      this.#length = 0;
      seen(this.#header[0]! & 0x0f);
    }
  }

  get #isPlausible(): boolean {
    const [first = 0, second = 0] = this.#header;
    const opcode = first & 0x0f;
    if (second < 0x80 || (first & 0x30) !== 0 || ((knownOpcodes >>> opcode) & 1) === 0)
      return false;
    return !isControl(opcode) || (first >= 0x80 && (second & 0x7f) < 126);
  }

  get #headerSize(): number {
    const marker = this.#header[1]! & 0x7f;
    return 6 + (marker < 126 ? 0 : marker === 126 ? 2 : 8);
  }

  get #payloadLength(): number {
    const marker = this.#header[1]! & 0x7f;
    if (marker < 126) return marker;
    return marker === 126
      ? this.#header.readUInt16BE(2)
      : this.#header.readUInt32BE(2) * 2 ** 32 + this.#header.readUInt32BE(6);
  }
}
