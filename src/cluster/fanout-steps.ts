/** Owns how many were in a circle over time, all workers together. Moments in microseconds. */

interface Move {
  readonly at: number;
  readonly by: number;
}

/** One circle. */
export class Steps {
  #count = 0;
  #moves: Move[] = [];
  #isSorted = true;

  /** Adds moves as workers tell them: moment, by how many, moment, by how many … */
  add(moves: readonly number[]): void {
    for (let i = 0; i + 1 < moves.length; i += 2) {
      this.#moves.push({ at: moves[i]!, by: moves[i + 1]! });
    }
    this.#isSorted = false;
  }

  /** How many there were at that moment; no later question may be about an earlier one. */
  at(moment: number): number {
    this.fold(moment);
    return this.#count;
  }

  /** Forgets the moves up to that moment but for what they come to. */
  fold(moment: number): void {
    if (this.#moves.length === 0) return;
    if (!this.#isSorted) this.#moves.sort((a, b) => a.at - b.at);
    this.#isSorted = true;
    let past = 0;
    for (; past < this.#moves.length && this.#moves[past]!.at <= moment; past++) {
      this.#count += this.#moves[past]!.by;
    }
    if (past > 0) this.#moves = this.#moves.slice(past);
  }
}
