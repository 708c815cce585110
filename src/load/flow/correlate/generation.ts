/** Owns the keys of requests that were answered within one span of time. */
import type { JsonValue } from "../../../message/json.js";

/** Keys of one span of time. */
export class Generation {
  /** When the first of them came, in ms; Infinity before that. */
  since = Infinity;
  /** In a row: a set of them is made only when a reply is a further one, or a strange one. */
  readonly #keys: JsonValue[] = [];
  /** How many of them count: those behind are left from before {@link reset}. */
  size = 0;
  #index: Set<JsonValue> | undefined = undefined;

  add(key: JsonValue, now: number): void {
    if (this.since === Infinity) this.since = now;
    this.#keys[this.size++] = key;
    if (this.#index) this.#index.add(key);
  }

  has(key: JsonValue): boolean {
    if (this.size === 0) return false;
    return (this.#index ??= new Set(this.#keys.slice(0, this.size))).has(key);
  }

  /** Begins anew, and keeps the room that it has: where keys come fast, it is needed again at once. */
  reset(): void {
    this.since = Infinity;
    this.size = 0;
    this.#index = undefined;
  }
}
