/** Owns how many answers of a session's own have not gone yet: reading waits for them. */
import type { Outgoing } from "./session-options.js";

/** How many answers may wait to be written before no more is read. */
const mostOwed = 64;

/** The answers of one session. */
export class Answers {
  readonly #send: (message: Outgoing) => Promise<void>;
  readonly #onChange: () => void;
  #owed = 0;

  /**
   * @param send sends one answer
   * @param onChange called when `isBehind` may have changed
   */
  constructor(send: (message: Outgoing) => Promise<void>, onChange: () => void) {
    this.#send = send;
    this.#onChange = onChange;
  }

  /**
   * Whether so many answers wait that reading has to: a server that asks and never reads would
   * fill the memory.
   */
  get isBehind(): boolean {
    return this.#owed >= mostOwed;
  }

  /** Gives an answer. One that is lost goes with its question: both belonged to a connection that is gone. */
  give(message: Outgoing): void {
    this.#owed++;
    const settle = () => {
      this.#owed--;
      if (this.#owed === mostOwed - 1) this.#onChange();
    };
    this.#send(message).then(settle, settle);
    if (this.#owed === mostOwed) this.#onChange();
  }
}
