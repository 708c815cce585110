/** Owns the course of a run's broadcasts over time, in no more stretches than can be shown. */
import { mostStretches, type FanOutStretch } from "../metrics/fan-out.js";

/** In ms: the finest there is. */
const finest = 1000;

type Stretch = { -readonly [Key in keyof FanOutStretch]: FanOutStretch[Key] };

/** Adds up broadcasts by when they were sent. */
export class FanoutCourse {
  /** Milliseconds that each entry stands for. */
  stretch = finest;
  #stretches = new Map<number, Stretch>();

  /**
   * Adds one broadcast.
   * @param at when it was sent, in ms after the start of traffic
   * @param last to its last recipient, in ms
   */
  add(at: number, expected: number, reached: number, last: number): void {
    this.#add({
      at,
      broadcasts: 1,
      complete: reached === expected ? 1 : 0,
      expected,
      reached,
      last,
    });
    while (this.#stretches.size > mostStretches) this.#coarsen();
  }

  /** What it came to. */
  stretches(): FanOutStretch[] {
    return [...this.#stretches.values()].toSorted((a, b) => a.at - b.at);
  }

  #add(sum: FanOutStretch): void {
    const number = Math.floor(sum.at / this.stretch);
    const known = this.#stretches.get(number);
    if (!known) {
      this.#stretches.set(number, { ...sum, at: number * this.stretch });
      return;
    }
    known.broadcasts += sum.broadcasts;
    known.complete += sum.complete;
    known.expected += sum.expected;
    known.reached += sum.reached;
    known.last = Math.max(known.last, sum.last);
  }

  #coarsen(): void {
    const before = this.#stretches;
    this.#stretches = new Map();
    this.stretch *= 2;
    for (const sum of before.values()) this.#add(sum);
  }
}
