/**
 * Owns the leaves of a text that holds JSON: its texts and numbers, each with its place and the bytes
 * it is written with. The text is gone through once and never parsed, so that a value can be put in the
 * place of another and all else stays as it was written, numbers of any length among it. What stands
 * before the JSON, as in `42["message",…]`, is a leaf without a name.
 */

/** One text or number. */
export interface Leaf {
  /** Where in the JSON, such as `.user.id` or `[1].token`; the same for the same place. */
  readonly path: string;
  /** The name of the member that it is, or of the nearest one above; empty if there is none. */
  readonly name: string;
  /** As it is written, a text with its quotes. */
  readonly raw: string;
  /** Where it begins in the text. */
  readonly at: number;
}

const number = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
/** What can begin a token. */
const signs = /["{}[\],:\d-]/g;

/** What is nested deeper keeps the place of what is around it. */
const deepest = 100;

interface Level {
  readonly isArray: boolean;
  key: string;
  index: number;
}

/** The leaves of a text, the first `most` of them. */
export function leavesOf(text: string, most: number): Leaf[] {
  const walk = new Walk();
  let at = 0;
  while (walk.found.length < most) {
    signs.lastIndex = at;
    const sign = signs.exec(text);
    if (!sign) break;
    const end = tokenEnd(text, sign.index);
    // A text that is never closed ends all there is to find.
    if (end === undefined) break;
    if (end > sign.index) walk.take(text.slice(sign.index, end), sign.index);
    at = Math.max(end, sign.index + 1);
  }
  walk.settle();
  return walk.found;
}

/** Where the token that begins at `at` ends; `at` itself where it is none. */
function tokenEnd(text: string, at: number): number | undefined {
  const sign = text[at]!;
  if (sign === '"') {
    for (let end = at + 1; end < text.length; end++) {
      const code = text.charCodeAt(end);
      if (code === 0x5c) end++;
      else if (code === 0x22) return end + 1;
    }
    return undefined;
  }
  if (sign !== "-" && (sign < "0" || sign > "9")) return at + 1;
  number.lastIndex = at;
  return number.test(text) ? number.lastIndex : at;
}

/** The way through a text. */
class Walk {
  readonly found: Leaf[] = [];
  readonly #levels: Level[] = [];
  #beyond = 0;
  /** A text that may turn out to be a name, or a number. */
  #last: { readonly raw: string; readonly at: number } | undefined;

  take(token: string, at: number): void {
    const level = this.#levels.at(-1);
    if (token === ":") {
      if (level && !level.isArray && this.#last && this.#beyond === 0) level.key = this.#last.raw;
      this.#last = undefined;
      return;
    }
    this.settle();
    if (token === "{" || token === "[") {
      if (this.#levels.length >= deepest) this.#beyond++;
      else this.#levels.push({ isArray: token === "[", key: "", index: 0 });
    } else if (token === "}" || token === "]") {
      if (this.#beyond > 0) this.#beyond--;
      else this.#levels.pop();
    } else if (token === ",") {
      if (level && this.#beyond === 0) level.index++;
    } else {
      this.#last = { raw: token, at };
    }
  }

  /** What came last is a value. */
  settle(): void {
    if (!this.#last) return;
    let path = "";
    let name = "";
    for (const { isArray, key, index } of this.#levels) {
      path += isArray ? `[${index}]` : `.${key}`;
      if (!isArray) name = key;
    }
    this.found.push({ path, name, ...this.#last });
    this.#last = undefined;
  }
}
