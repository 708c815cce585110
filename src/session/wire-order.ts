/**
 * Owns the order of what comes: a control frame is told as it passes, the messages before it only when
 * they have been put together, and inflated.
 */
import { Fifo } from "./fifo.js";
import type { SessionFrame } from "./session-events.js";

/** Puts control frames behind the messages that they followed on the wire. */
export class WireOrder {
  /** Messages whose last frame has passed, and those of them that were told. */
  #passed = 0;
  #told = 0;
  readonly #waiting = new Fifo<{ readonly frame: SessionFrame; readonly after: number }>();
  readonly #tell: (frame: SessionFrame) => void;

  /** @param tell told of each control frame when its turn has come */
  constructor(tell: (frame: SessionFrame) => void) {
    this.#tell = tell;
  }

  /** A frame has passed. */
  frame(frame: SessionFrame): void {
    if (frame.control === undefined) {
      if (frame.fin) this.#passed++;
    } else if (this.#told === this.#passed) {
      this.#tell(frame);
    } else {
      this.#waiting.push({ frame, after: this.#passed });
    }
  }

  /** A message was told, and with it all before it. */
  message(): void {
    // One of which no frame was seen is not among those that have passed.
    if (this.#told < this.#passed) this.#told++;
    this.#flush();
  }

  /** Nothing that has passed is to come any more. */
  end(): void {
    this.#told = this.#passed;
    this.#flush();
  }

  #flush(): void {
    for (let next = this.#waiting.peek(); next; next = this.#waiting.peek()) {
      if (next.after > this.#told) return;
      this.#waiting.shift();
      this.#tell(next.frame);
    }
  }
}
