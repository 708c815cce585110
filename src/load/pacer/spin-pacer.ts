/**
 * Owns the beat of a loop that never rests: the least lag there is, for a whole core. Sockets are
 * looked at between any two ticks.
 */
import type { Pacer } from "./pacer.js";

/** Ticks once in every turn of the event loop, which does not wait for anything. */
export class SpinPacer implements Pacer {
  #next: NodeJS.Immediate | undefined;

  start(tick: () => void): void {
    const turn = (): void => {
      // Before the tick, which may stop it.
      this.#next = setImmediate(turn);
      tick();
    };
    turn();
  }

  due(): void {
    // It asks nobody.
  }

  hasten(): void {
    // It ticks as often as it can.
  }

  stop(): void {
    clearImmediate(this.#next);
  }
}
