/** Owns the secrets that a recorder has seen, and finding them wherever they are said again. */
import { redacted } from "../base/secret-name.js";
import { formsOf } from "./secret-forms.js";
import { type Parts, SecretSearch, united } from "./secret-search.js";

/** What is shorter is found everywhere by chance, in characters. */
const shortest = 6;

/** How many there may be, and how long in all, in characters. */
interface Bounds {
  readonly count: number;
  readonly length: number;
}

const ours: Bounds = { count: 512, length: 128 * 1024 };
/** The other side may make up any number of them. */
const theirs: Bounds = { count: 64, length: 16 * 1024 };

/**
 * Whether that is what stood in the place of a secret already: here, or in a URL, where brackets would be
 * encoded. To hide it again would mark the marks.
 */
function isMark(value: string): boolean {
  return /^(?:\[|%5b)?redacted(?:\]|%5d)?$/i.test(value.trim()) || value.includes(redacted);
}

/** Secrets of one side, in the order in which they were met. */
class Met {
  readonly values = new Set<string>();
  readonly #bounds: Bounds;
  #length = 0;
  /** Undefined when it does not know the latest yet. */
  #search: SecretSearch | undefined;

  constructor(bounds: Bounds) {
    this.#bounds = bounds;
  }

  /** As much of it as is looked for. */
  cut(value: string): string {
    return value.slice(0, this.#bounds.length);
  }

  hasRoomFor(value: string): boolean {
    const { count, length } = this.#bounds;
    return this.values.size < count && this.#length + value.length <= length;
  }

  add(value: string): void {
    this.values.add(value);
    this.#length += value.length;
    this.#search = undefined;
  }

  /** Makes room by forgetting the oldest. */
  forget(): void {
    const [oldest = ""] = this.values;
    this.values.delete(oldest);
    this.#length -= oldest.length;
  }

  find(bytes: Uint8Array, isCut: boolean): Parts {
    if (this.values.size === 0) return [];
    this.#search ??= new SecretSearch(allForms(this.values));
    const plain: Parts = [];
    const begun = this.#search.plain(bytes, plain, isCut);
    const escaped: Parts = [];
    const begunEscaped = this.#search.escaped(bytes, escaped) ?? 0;
    const found = united(plain, escaped);
    return isCut ? withEnd(found, bytes.length, Math.max(begun, begunEscaped)) : found;
  }
}

/** Secrets, each with all its spellings. */
export class KnownSecrets {
  readonly #own = new Met(ours);
  readonly #theirs = new Met(theirs);

  get isEmpty(): boolean {
    return this.#own.values.size === 0 && this.#theirs.values.size === 0;
  }

  /**
   * Hides this value from now on; too short a one is left alone.
   * @param isTheirs whether the other side has made it up: it may make up any number of them
   */
  learn(value: string, isTheirs = false): void {
    const known = isTheirs ? this.#theirs : this.#own;
    const kept = known.cut(value);
    if (kept.trim().length < shortest || isMark(kept)) return;
    if (this.#own.values.has(kept) || known.values.has(kept)) return;
    while (!known.hasRoomFor(kept)) {
      if (!isTheirs) return;
      known.forget();
    }
    known.add(kept);
  }

  /**
   * Where secrets stand, in any spelling.
   * @param isCut whether the end may be missing, so that the beginning of one may stand there
   */
  find(bytes: Uint8Array, isCut = false): Parts {
    return united(this.#own.find(bytes, isCut), this.#theirs.find(bytes, isCut));
  }
}

function allForms(values: Iterable<string>): Uint8Array[] {
  const forms: Uint8Array[] = [];
  for (const value of values) forms.push(...formsOf(value));
  return forms;
}

/** The parts and the last `begun` bytes, where those are enough, or go on with what was found. */
function withEnd(parts: Parts, length: number, begun: number): Parts {
  const from = length - begun;
  if (begun === 0 || (begun < shortest && parts.at(-1) !== from)) return parts;
  return united(parts, [from, length]);
}
