/**
 * Owns a memory of what was seen lately, by key: in two halves of which the older one is dropped when
 * the younger is full. A map whose oldest entry is deleted for each new one is slow to find it.
 */

/** Values by key; between `most` and twice as many of the newest are kept. */
export class Recent<Value> {
  readonly #most: number;
  #young = new Map<string, Value>();
  #old = new Map<string, Value>();

  constructor(most: number) {
    this.#most = most;
  }

  /** The value of that key; undefined when it has none, or it was forgotten. */
  get(key: string): Value | undefined {
    return this.#young.get(key) ?? this.#old.get(key);
  }

  set(key: string, value: Value): void {
    this.#young.set(key, value);
    if (this.#young.size < this.#most) return;
    this.#old = this.#young;
    this.#young = new Map();
  }
}
