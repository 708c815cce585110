/**
 * Owns which message of a server it was that went on as the n-th: rules take some away, and what stands
 * behind them, as faults do, counts the rest alone.
 */

/** So many that were taken away are remembered. */
const mostRemembered = 10_000;

/** The messages of one direction that went on, among those that came. */
export class PassedOn {
  /** Those that were taken away, by their numbers among all that came, from 1. */
  #taken: number[] = [];
  /** How many were taken away before those, and how many had gone on by the last of them. */
  #forgotten = 0;
  #unknownUntil = 0;

  /** That message does not go on. */
  takeAway(number: number): void {
    this.#taken.push(number);
    if (this.#taken.length < 2 * mostRemembered) return;
    this.#forgotten += mostRemembered;
    this.#unknownUntil = this.#taken[mostRemembered - 1]! - this.#forgotten;
    this.#taken = this.#taken.slice(mostRemembered);
  }

  /** The number among all that came of the n-th that went on; undefined where that is forgotten. */
  numberOf(nth: number): number | undefined {
    if (nth <= this.#unknownUntil) return undefined;
    // As many went on before the one at `index` as stand in front of it and were not taken away.
    let [from, to] = [0, this.#taken.length];
    while (from < to) {
      const index = (from + to) >> 1;
      if (this.#taken[index]! - this.#forgotten - index <= nth) from = index + 1;
      else to = index;
    }
    return nth + this.#forgotten + from;
  }
}
