/**
 * Owns JSON as it was written: its numbers, its order and its repeated keys are those of the text,
 * which JSON.parse would round, sort and merge.
 */

/** A scalar as it stands in the text, or a container with its brackets. */
export type JsonNode = string | JsonBranch;

/** An object or an array. */
export interface JsonBranch {
  readonly isObject: boolean;
  /** Where its inside begins, in characters of the text. */
  readonly inside: number;
  readonly items: readonly JsonItem[];
}

/** A key with its quotes, undefined in arrays; what it holds; and where the comma behind that ends. */
type JsonItem = readonly [key: string | undefined, value: JsonNode, end: number];

/** Nesting that is followed; deeper, the text is shown as it is. */
const deepest = 100;

/** Reads text that JSON.parse has accepted. */
class TreeReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  read(depth: number): JsonNode | undefined {
    const char = this.#peek();
    if (char === '"') return this.#string();
    if (char !== "{" && char !== "[") {
      const scalar = /[^\s,\]}]*/y;
      scalar.lastIndex = this.#at;
      const [found = ""] = scalar.exec(this.#text) ?? [];
      this.#at += found.length;
      return found;
    }
    if (depth > deepest) return undefined;
    const isObject = char === "{";
    const end = isObject ? "}" : "]";
    const items: JsonItem[] = [];
    const inside = ++this.#at;
    while (this.#peek() !== end) {
      let key: string | undefined;
      if (isObject) {
        key = this.#string();
        this.#peek();
        this.#at++;
      }
      const value = this.read(depth + 1);
      if (value === undefined) return undefined;
      if (this.#peek() === ",") this.#at++;
      items.push([key, value, this.#at]);
    }
    this.#at++;
    return { isObject, inside, items };
  }

  /** The next character that is no white space. */
  #peek(): string | undefined {
    while (/\s/.test(this.#text[this.#at] ?? "")) this.#at++;
    return this.#text[this.#at];
  }

  #string(): string {
    const from = this.#at++;
    while (this.#text[this.#at] !== '"') this.#at += this.#text[this.#at] === "\\" ? 2 : 1;
    this.#at++;
    return this.#text.slice(from, this.#at);
  }
}

/** The text as a tree; undefined when it is no JSON object or array, or nested too deep. */
export function jsonTree(text: string): JsonBranch | undefined {
  if (!/^\s*[{[]/.test(text)) return undefined;
  try {
    JSON.parse(text);
  } catch {
    return undefined;
  }
  const node = new TreeReader(text).read(0);
  return typeof node === "string" ? undefined : node;
}
