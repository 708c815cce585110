/**
 * Owns letting go of those whose time is over: a few in each turn of the event loop, since thousands
 * may come to their end in the same millisecond, while others still have messages to send.
 */
import { inTurns } from "../in-turns.js";

/** Who is to go, first come first served. */
export class Farewells<T> {
  readonly #waiting = new Set<T>();
  readonly #letGo: (who: T) => void;
  readonly #broken: (error: unknown) => void;
  #isUnderWay = false;

  /**
   * @param letGo called once for each of them, never before {@link push} has returned
   * @param broken told when that throws: nobody else is let go then
   */
  constructor(letGo: (who: T) => void, broken: (error: unknown) => void) {
    this.#letGo = letGo;
    this.#broken = broken;
  }

  /** Lets it go when its turn has come; who waits for that already waits on. */
  push(who: T): void {
    this.#waiting.add(who);
    if (this.#isUnderWay) return;
    this.#isUnderWay = true;
    setImmediate(() => {
      inTurns(this.#inOrder(), this.#letGo).catch(this.#broken);
    });
  }

  /** Those who come while it goes on included. */
  *#inOrder(): Generator<T> {
    for (const who of this.#waiting) {
      this.#waiting.delete(who);
      yield who;
    }
    this.#isUnderWay = false;
  }
}
