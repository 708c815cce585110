/**
 * Owns the order in which events are told: what a listener brings about while it hears of an event
 * is told after it, to every listener, and not in between.
 */
import { Fifo } from "./fifo.js";

/** Tells one event after the other. */
export class InTurn<T> {
  readonly #tell: (event: T) => void;
  readonly #untold = new Fifo<T>();
  #isTelling = false;

  constructor(tell: (event: T) => void) {
    this.#tell = tell;
  }

  /** Tells the event: at once, or after the one that is being told. */
  tell(event: T): void {
    if (this.#isTelling) {
      this.#untold.push(event);
      return;
    }
    this.#isTelling = true;
    try {
      for (let next: T | undefined = event; next; next = this.#untold.shift()) this.#tell(next);
    } finally {
      this.#isTelling = false;
    }
  }
}
