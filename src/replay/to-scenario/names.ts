/** Owns the names of variables that a scenario gives to values: each once, and none that is taken for a secret's. */
import { isSecretName } from "../../base/secret-name.js";
import { isName } from "../../message/name.js";

const longest = 40;

/** Gives names out. */
export class Names {
  readonly #given = new Set<string>();

  /** A name like the wanted one that is still free. */
  take(wanted: string): string {
    const plain = wanted
      .replace(/\W+/g, "_")
      .replace(/^[\d_]+/, "")
      .slice(0, longest);
    const base = plain !== "" && isName(plain) ? plain : "value";
    for (let count = 1; ; count++) {
      const name = count === 1 ? base : `${base}${count}`;
      if (this.#given.has(name)) continue;
      this.#given.add(name);
      return name;
    }
  }

  /** The same for what stands in the file with its value, where a secret's would be left out. */
  takeOpen(wanted: string): string {
    return this.take(isSecretName(wanted) ? "value" : wanted);
  }
}
