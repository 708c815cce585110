/**
 * Owns the bound on how many series are told apart. Tags come from the other side as well (close
 * codes, status lines), and a hostile server could make up a new one for every connection.
 */
import { parseSeriesKey } from "./catalogue.js";

/** Admits series up to a number; what comes after that is counted together, by metric. */
export class SeriesLimit {
  readonly #known = new Set<string>();
  readonly #most: number;
  #isFull = false;

  constructor(most: number) {
    this.#most = most;
  }

  /** Whether series were put together. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /** The key that a series is to be kept under: its own, or the one of all further ones. */
  admit(key: string): string {
    if (this.#known.has(key)) return key;
    if (this.#known.size < this.#most) {
      this.#known.add(key);
      return key;
    }
    const { name } = parseSeriesKey(key);
    if (name === key) return key;
    this.#isFull = true;
    return `${name}{${furtherTag}:series}`;
  }
}

/** The tag of what was counted together. */
const furtherTag = "further";
