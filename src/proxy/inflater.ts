/**
 * Owns the reading of compressed messages of one direction (RFC 7692 §7.2.2), one by one, by someone
 * who only listens: what cannot be read is said so, and harms nobody.
 *
 * Each message is inflated by itself, with what was said before as its dictionary: that is how zlib
 * has a window carried over without an inflater that lives as long as the connection.
 */
import { constants, inflateRawSync } from "node:zlib";

/** The tail that a sender leaves out (RFC 7692 §7.2.1). */
const tail = Buffer.from([0x00, 0x00, 0xff, 0xff]);
/** The largest window there is. */
const windowSize = 32 * 1024;

/** What came of a message. */
export type Inflated =
  | { readonly payload: Buffer }
  | {
      readonly payload: undefined;
      readonly why: "too large" | "far too large" | "not deflate" | "history lost";
      /** Bytes that it has inflated, where it was inflated to its end. */
      readonly size?: number;
      /** Bytes that it has more than, inflated, where it was given up there. */
      readonly moreThan?: number;
    };

const lost: Inflated = { payload: undefined, why: "history lost" };

/** How much larger than the bound a message may be to be read for the sake of those that refer to it. */
const followed = 4;

/**
 * Inflates the messages of one direction.
 *
 * Behind one that was given up, the history is what was read since, to the last byte: a message that
 * looks back no further is read, and of one that does zlib says so.
 */
export class Inflater {
  readonly #takeover: boolean;
  readonly #maxPayload: number;
  /** The end of what was said so far lies in `#history[0, #length)`. */
  #history: Buffer | undefined;
  #length = 0;
  /** Whether the history begins behind a message that nobody read. */
  #isShort = false;

  /** @param maxPayload bytes; a message that becomes larger is given up */
  constructor(takeover: boolean, maxPayload: number) {
    this.#takeover = takeover;
    this.#maxPayload = maxPayload;
  }

  /** Bytes, packed or not, up to which a message over the bound is followed; further on it is lost. */
  get reach(): number {
    return this.#takeover ? this.#maxPayload * followed : this.#maxPayload;
  }

  /** A message passed that was not read: what refers back to it, or beyond, cannot be either. */
  skip(): void {
    if (this.#takeover) this.#lose();
  }

  /** @param packed the payload of all its frames; it is not kept */
  inflate(packed: Buffer): Inflated {
    let payload: Buffer;
    try {
      payload = inflateRawSync(Buffer.concat([packed, tail]), {
        finishFlush: constants.Z_SYNC_FLUSH,
        // Zero is not a limit that zlib takes.
        maxOutputLength: Math.max(1, this.reach),
        dictionary: this.#length > 0 ? this.#window() : undefined,
      });
    } catch (error) {
      const isLarge = (error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE";
      const moreThan = this.reach;
      if (isLarge && !this.#takeover) return { payload: undefined, why: "too large", moreThan };
      const wasShort = this.#isShort;
      this.skip();
      if (isLarge) return { payload: undefined, why: "far too large", moreThan };
      return wasShort ? lost : { payload: undefined, why: "not deflate" };
    }
    if (this.#takeover) this.#remember(payload);
    const { length: size } = payload;
    return size > this.#maxPayload ? { payload: undefined, why: "too large", size } : { payload };
  }

  #window(): Buffer {
    return this.#history!.subarray(Math.max(0, this.#length - windowSize), this.#length);
  }

  #remember(payload: Buffer): void {
    const kept = payload.length > windowSize ? payload.subarray(-windowSize) : payload;
    // Twice the window, so that most messages are only added.
    this.#history ??= Buffer.allocUnsafeSlow(2 * windowSize);
    if (this.#length + kept.length > this.#history.length) {
      const from = this.#length - windowSize;
      this.#history.copyWithin(0, Math.max(0, from), this.#length);
      this.#length = Math.min(this.#length, windowSize);
    }
    this.#length += kept.copy(this.#history, this.#length);
    if (this.#length >= windowSize) this.#isShort = false;
  }

  #lose(): void {
    this.#isShort = true;
    this.#history = undefined;
    this.#length = 0;
  }
}
