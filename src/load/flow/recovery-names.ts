/** Owns names that come from the other side, made harmless and few: each gets a number. */
import { safeLine } from "../../base/safe-text.js";

/** A hostile server could make up a new one for every connection. */
const mostNames = 64;
const longest = 64;

/** Numbers names from 1; those that are too many share the last number. */
export class RecoveryNames {
  /** In the order of their numbers. */
  readonly list: string[] = [];
  readonly #numbers = new Map<string, number>();

  /** The number of a name. */
  of(name: string): number {
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    if (this.list.length === mostNames) return mostNames;
    const isLast = this.list.length === mostNames - 1;
    const number = this.list.push(isLast ? "(others)" : safeLine(name, longest));
    if (!isLast) this.#numbers.set(name, number);
    return number;
  }
}
