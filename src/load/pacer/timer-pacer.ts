/** Owns the beat of a timer of 1 ms: lag of about a millisecond, next to no CPU of its own. */
import type { Pacer } from "./pacer.js";

/** Ticks every millisecond, whether anything is due or not: Node's timers know nothing finer. */
export class TimerPacer implements Pacer {
  #timer: NodeJS.Timeout | undefined;

  start(tick: () => void): void {
    this.#timer = setInterval(tick, 1);
  }

  due(): void {
    // It asks nobody.
  }

  hasten(): void {
    // The next tick is a millisecond away at most.
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
