/**
 * Owns the keys of requests that met their fates within one span of time: they are forgotten all
 * together, which costs less than one by one, and no request is kept for them.
 */
import type { JsonValue } from "../../../message/json.js";
import type { Settled } from "./register.js";

/** Keys of one span of time. */
export class Generation {
  /** When the first of them came; Infinity before that. */
  since = Infinity;
  readonly #expired = new Set<JsonValue>();
  /** In a row: a set of them is made only when a reply is a further one, or a strange one. */
  readonly #answered: JsonValue[] = [];
  #index: Set<JsonValue> | undefined = undefined;

  /** Whether any request of the time was given up. */
  get hasExpired(): boolean {
    return this.#expired.size > 0;
  }

  get size(): number {
    return this.#answered.length + this.#expired.size;
  }

  add(key: JsonValue, settled: Settled, now: number): void {
    if (this.since === Infinity) this.since = now;
    if (settled === "expired") this.#expired.add(key);
    else {
      // Of one key, what came last counts.
      this.#expired.delete(key);
      this.#answered.push(key);
      this.#index?.add(key);
    }
  }

  /** What the last request with the key met; undefined when there was none. */
  fateOf(key: JsonValue): Settled | undefined {
    if (this.#expired.has(key)) return "expired";
    if (this.#answered.length === 0) return undefined;
    return (this.#index ??= new Set(this.#answered)).has(key) ? "answered" : undefined;
  }

  clear(): void {
    this.since = Infinity;
    this.#expired.clear();
    this.#answered.length = 0;
    this.#index = undefined;
  }

  *all(): Iterable<readonly [JsonValue, Settled]> {
    for (const key of this.#expired) yield [key, "expired"];
    for (const key of this.#answered) yield [key, "answered"];
  }
}
