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
   * Tells of what belongs together as far as that is known; what has nothing in its place yet may still
   * come.
   */
  settle(): void;
  /** Nothing of what is expected is waited for any longer: tells of each of them. */
  giveUp(): void;
  /** Nothing will come any more, on either side. */
  finish(): void;
  /** Whether each that is expected, and not forgiven, has one that may well be its counterpart. */
  readonly fits: boolean;
  /** The same of all of them. */
  readonly isComplete: boolean;
  /** Those that have none, and are not forgiven. */
  lacking(): readonly Heard[];
  /** What has not come is not waited for any more; should it come, it has come late. */
  forgive(): void;
  /** Messages and bytes that wait for their counterparts. */
  readonly expected: Waiting;
  readonly arrived: Waiting;
  /** How much may wait on either side. */
  readonly most: Waiting;
}

/** How much waits. */
export interface Waiting {
  readonly length: number;
  readonly bytes: number;
}

/** Whether no more is to be put there. */
export function isFull({ length, bytes }: Waiting, most: Waiting): boolean {
  return length >= most.length || bytes >= most.bytes;
}

/** So much may come before it is expected, where a server that is held up would not read either. */
const mostAhead = { messages: 65_536, bytes: 256 * 1024 * 1024 };

/** Whether so much came that what came first is not waited with any longer. */
export function isFarAhead({ length, bytes }: Waiting): boolean {
  return length > mostAhead.messages || bytes > mostAhead.bytes;
}

/** Messages in their order, taken from the front. */
export class Line implements Waiting {
  bytes = 0;
  #all: (Heard | undefined)[] = [];
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
    const heard = this.#all[this.#from]!;
    // Nothing of what was taken is held until the front is cut off.
    this.#all[this.#from++] = undefined;
    this.bytes -= heard.size;
    if (this.#from > 1024 && this.#from * 2 > this.#all.length) {
      this.#all = this.#all.slice(this.#from);
      this.#from = 0;
    }
    return heard;
  }
}
