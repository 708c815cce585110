/** Owns YAML as a person wrote it: its nodes, and where in the file each of them stands. */
import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from "yaml";
import { WsctlError } from "./errors.js";
import { nearest } from "./nearest.js";
import { safeLine } from "./safe-text.js";

/** One key of a map with its value. */
export interface YamlEntry {
  readonly key: string;
  readonly keyNode: unknown;
  readonly value: unknown;
}

/** One file of YAML. */
export class YamlSource {
  /** As it is named to people. */
  readonly name: string;
  /** What the file holds; null for nothing. */
  readonly root: Node | null;
  readonly #text: string;
  readonly #lines = new LineCounter();
  readonly #resolve: (node: Node) => unknown;

  /** @throws WsctlError WSCTL_EUSAGE for what is no YAML */
  constructor(name: string, text: string) {
    this.name = name;
    this.#text = text;
    const document = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false });
    const [error] = document.errors;
    if (error) throw this.#errorAt(error.pos[0], safeLine(error.message), undefined);
    this.root = document.contents;
    this.#resolve = (node) => (isAlias(node) ? node.resolve(document) : node);
  }

  /** Where a node stands: `file:line:column`. */
  place(node: unknown): string {
    return this.#place(offsetOf(node));
  }

  /** The error for a node. What stands behind the colon of its line may be a secret and is not shown. */
  error(node: unknown, message: string, hint?: string): WsctlError {
    return this.#errorAt(offsetOf(node), message, hint);
  }

  /** The error for a key that is not known, with the nearest that is. */
  unknownKey({ key, keyNode }: YamlEntry, known: readonly string[]): WsctlError {
    const guess = nearest(key, known);
    return this.error(
      keyNode,
      `"${safeLine(key, 60)}" is not a key that is known here`,
      guess ? `did you mean ${guess}?` : `there are ${known.join(", ")}`,
    );
  }

  /** The keys of a map in order. @throws WsctlError WSCTL_EUSAGE for what is no map */
  entries(node: unknown, what: string): YamlEntry[] {
    const map = this.#plain(node);
    if (map === null || (isScalar(map) && map.value === null)) return [];
    if (!isMap(map)) throw this.error(node, `${what} must be a map of keys and values`);
    return map.items.map(({ key, value }) => {
      if (!isScalar(key)) throw this.error(key, `the keys of ${what} must be names`);
      return { key: String(key.value), keyNode: key, value: this.#plain(value) ?? key };
    });
  }

  /** Whether a node is a map. */
  isMap(node: unknown): boolean {
    return isMap(this.#plain(node));
  }

  /** The members of a list, or a single value as the only one. */
  items(node: unknown): unknown[] {
    const plain = this.#plain(node);
    return isSeq(plain) ? plain.items : [plain];
  }

  /** A text; numbers count as what was written. @throws WsctlError WSCTL_EUSAGE */
  text(node: unknown, what: string): string {
    const plain = this.#plain(node);
    if (isScalar(plain)) {
      if (typeof plain.value === "string") return plain.value;
      if (typeof plain.value === "number") return plain.source ?? String(plain.value);
    }
    throw this.error(node, `${what} must be text`, "put it in quotes");
  }

  /** True or false; undefined for anything else. */
  truth(node: unknown): boolean | undefined {
    const plain = this.#plain(node);
    return isScalar(plain) && typeof plain.value === "boolean" ? plain.value : undefined;
  }

  #plain(node: unknown): unknown {
    return isAlias(node) ? this.#resolve(node) : node;
  }

  #place(offset: number): string {
    const { line, col } = this.#lines.linePos(offset);
    return `${this.name}:${line}:${col}`;
  }

  #errorAt(offset: number, message: string, hint: string | undefined): WsctlError {
    const { line, col } = this.#lines.linePos(offset);
    const text = this.#text.split("\n", line)[line - 1] ?? "";
    const colon = text.indexOf(":");
    const shown = colon < 0 ? text.slice(0, col) : text.slice(0, colon + 1);
    const caret = `${" ".repeat(Math.min(col - 1, shown.length))}^`;
    return new WsctlError("WSCTL_EUSAGE", `${this.#place(offset)}: ${message}`, {
      hint,
      where: [shown.length < text.trimEnd().length ? `${shown} …` : shown, caret],
    });
  }
}

function offsetOf(node: unknown): number {
  const range = (node as { range?: readonly number[] | null } | null)?.range;
  return range?.[0] ?? 0;
}
