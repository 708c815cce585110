/** Owns which connection of which recording is played to a client: what it asks for, then whose turn it is. */
import { pathOf } from "../serve/target.js";
import type { Take } from "./mock-take.js";

/** Gives out takes. */
export class Casting {
  /** The subprotocols that were agreed in any of them. */
  readonly subprotocols: readonly string[];
  readonly #takes: readonly Take[];
  /** Whose turn it is next, by the first of those among whom it is chosen. */
  readonly #turns = new Map<Take, number>();

  /** @param takes one at least */
  constructor(takes: readonly Take[]) {
    this.#takes = takes;
    this.subprotocols = [
      ...new Set(takes.map(({ subprotocol }) => subprotocol).filter((name) => name !== "")),
    ];
  }

  /**
   * Those that fit: the same target if there are any, else the same path, else all; and of these the
   * same subprotocol, if there are any.
   */
  candidates(target: string, subprotocol: string): readonly Take[] {
    const path = pathOf(target);
    let fitting = this.#takes.filter((take) => take.target !== "" && take.target === target);
    if (fitting.length === 0) {
      fitting = this.#takes.filter((take) => take.target !== "" && take.path === path);
    }
    const found = fitting.length === 0 ? this.#takes : fitting;
    const alike = found.filter((take) => take.subprotocol === subprotocol);
    return alike.length === 0 ? found : alike;
  }

  /** The next of the candidates; after the last, the first has its turn again. */
  next(candidates: readonly Take[]): Take {
    const [first] = candidates;
    const turn = this.#turns.get(first!) ?? 0;
    this.#turns.set(first!, turn + 1);
    return candidates[turn % candidates.length]!;
  }
}
