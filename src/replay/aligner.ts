/** Owns what finds for each recorded message the one that came in its place, as an interface. */
import type { Heard } from "./heard.js";
import type { JsonChange } from "./json-diff.js";

/** Who is told how messages belong together, each of them once. */
export interface AlignmentSink {
  same(recorded: Heard, received: Heard): void;
  changed(recorded: Heard, received: Heard, changes: readonly JsonChange[]): void;
  missing(recorded: Heard): void;
  extra(received: Heard): void;
}

/** Takes both sides as they come; what it has not told yet is bounded. */
export interface Aligner {
  /** The next message of the recording. */
  expect(recorded: Heard): void;
  /** The next message that came. */
  arrive(received: Heard): void;
  /**
   * No message of the recording that was handed in will come any more, or all have: tells of each of
   * them. What came and belongs to none of them may still belong to later ones.
   */
  settle(): void;
  /** Nothing will come any more, on either side. */
  finish(): void;
  /** Whether each that is expected has one that may well be its counterpart. */
  readonly fits: boolean;
  /** Messages and bytes that wait for their counterparts. */
  readonly expected: Waiting & { at(index: number): Heard | undefined };
  readonly arrived: Waiting;
}

/** How much waits. */
export interface Waiting {
  readonly length: number;
  readonly bytes: number;
}

/** So much may wait on either side, in messages and in bytes. */
const mostWaiting = { messages: 1024, bytes: 16 * 1024 * 1024 };

/** Whether no more is to be put there. */
export function isFull({ length, bytes }: Waiting): boolean {
  return length >= mostWaiting.messages || bytes >= mostWaiting.bytes;
}

/** Messages in their order, taken from the front. */
export class Line implements Waiting {
  bytes = 0;
  #all: Heard[] = [];
  #from = 0;

  get length(): number {
    return this.#all.length - this.#from;
  }

  at(index: number): Heard | undefined {
    return this.#all[this.#from + index];
  }

  push(heard: Heard): void {
    this.#all.push(heard);
    this.bytes += heard.size;
  }

  shift(): Heard {
    const heard = this.#all[this.#from++]!;
    this.bytes -= heard.size;
    if (this.#from > 1024 && this.#from * 2 > this.#all.length) {
      this.#all = this.#all.slice(this.#from);
      this.#from = 0;
    }
    return heard;
  }

  /** Takes out one that stands anywhere. */
  remove(heard: Heard): void {
    const index = this.#all.indexOf(heard, this.#from);
    if (index < 0) return;
    this.#all.splice(index, 1);
    this.bytes -= heard.size;
  }
}
