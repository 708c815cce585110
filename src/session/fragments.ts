/** Owns the sizes of the frames of a message, from the time they pass until the message is told. */
import { Opcode } from "../frame/opcode.js";
import { Fifo } from "./fifo.js";
import type { SessionFrame, SessionMessage } from "./session-events.js";

/** Frames of one message that are noted; a message in more of them has no list. */
const mostFrames = 100_000;

interface Noted {
  /** When the last frame passed: by it the message is known. */
  readonly at: number;
  readonly sizes: readonly number[];
}

/** The frames of one direction. */
export class Fragments {
  /** Of the message under way. */
  #sizes: number[] | undefined = undefined;
  /** Of messages that have passed and are not told yet. */
  readonly #passed = new Fifo<Noted>();

  /** Notes a data frame. */
  add({ opcode, fin, length, at }: SessionFrame): void {
    if (opcode !== Opcode.continuation) {
      // Most messages have one frame: nothing is kept of it.
      this.#sizes = fin ? undefined : [length];
      return;
    }
    const sizes = this.#sizes;
    // Somebody who came in the middle of a message does not know how it began.
    if (!sizes) return;
    if (sizes.length <= mostFrames) sizes.push(length);
    if (!fin) return;
    this.#sizes = undefined;
    this.#passed.push({ at, sizes });
  }

  /** Payload bytes of each frame on the wire; undefined for a message in one, or when not all are known. */
  of({ at, frames }: SessionMessage): readonly number[] | undefined {
    if (frames < 2) return undefined;
    for (let next = this.#passed.peek(); next && next.at <= at; next = this.#passed.peek()) {
      this.#passed.shift();
      if (next.at === at) return next.sizes.length === frames ? next.sizes : undefined;
    }
    return undefined;
  }
}
