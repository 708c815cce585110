/** Owns names in layers: those of a flow within those around it, without copies. */
import type { Binding, Names } from "../../message/value.js";

/** Names that are found in their own layer first, and then in those below. */
export class LayeredNames implements Names {
  readonly #own = new Map<string, Binding>();
  readonly #below: Names | undefined;

  constructor(below?: Names) {
    this.#below = below;
  }

  get(name: string): Binding | undefined {
    return this.#own.get(name) ?? this.#below?.get(name);
  }

  has(name: string): boolean {
    return this.#own.has(name) || this.#below?.has(name) === true;
  }

  /** Adds a name to this layer, in place of what lower ones say of it. */
  set(name: string, binding: Binding): void {
    this.#own.set(name, binding);
  }

  /** Of all layers, the lowest first; what several have comes once for each. */
  *keys(): Generator<string> {
    if (this.#below) yield* this.#below.keys();
    yield* this.#own.keys();
  }

  /** The names of this layer. */
  own(): ReadonlyMap<string, Binding> {
    return this.#own;
  }
}
