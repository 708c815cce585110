/** Owns the secrets that a recorder has seen, and hiding them wherever they are said again. */
import { redacted } from "../base/secret-name.js";
import { formsOf } from "./secret-forms.js";

/** What is shorter is found everywhere by chance, in characters. */
const shortest = 6;
/** What is longer is hidden piece by piece. */
const longest = 4096;
/** Of the user's own, and of those that the other side has set, which come and go. */
const [mostOwn, mostTheirs] = [512, 64];
/** To look for the beginnings first is enough where nothing is found, as mostly. */
const beginning = 6;

/**
 * Whether that is what stood in the place of a secret already: here, or in a URL, where brackets would be
 * encoded. To hide it again would mark the marks.
 */
function isMark(value: string): boolean {
  return /^(?:\[|%5b)?redacted(?:\]|%5d)?$/i.test(value.trim()) || value.includes(redacted);
}

function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`);
}

/** Secrets, each with all its spellings. */
export class KnownSecrets {
  /** Each with its spellings. */
  readonly #own = new Map<string, ReadonlySet<string>>();
  /** The oldest first. */
  readonly #theirs = new Map<string, ReadonlySet<string>>();
  /** All spellings, the longest first, so that none is left in part. */
  #forms: string[] = [];
  #beginnings: RegExp | undefined;
  #isStale = false;

  get isEmpty(): boolean {
    return this.#own.size === 0 && this.#theirs.size === 0;
  }

  /**
   * Hides this value from now on; too short a one is left alone.
   * @param isTheirs whether the other side has made it up: it may make up any number of them
   */
  learn(value: string, isTheirs = false): void {
    for (let at = 0; at < value.length; at += longest) {
      this.#learn(value.slice(at, at + longest), isTheirs);
    }
  }

  #learn(value: string, isTheirs: boolean): void {
    if (value.trim().length < shortest || this.#own.has(value) || isMark(value)) return;
    const known = isTheirs ? this.#theirs : this.#own;
    if (known.has(value) || (!isTheirs && known.size >= mostOwn)) return;
    known.set(value, formsOf(value));
    if (isTheirs && known.size > mostTheirs) {
      const [oldest = ""] = known.keys();
      known.delete(oldest);
    }
    this.#isStale = true;
  }

  /** @param mark what stands in the place of one, given as it was written */
  hide(text: string, mark: (found: string) => string): string {
    if (this.isEmpty || !this.#mayHold(text)) return text;
    let shown = text;
    for (const form of this.#forms) {
      // Not the replacing kind of call with a text: a mark may hold a `$`.
      if (shown.includes(form)) shown = shown.replaceAll(form, mark);
    }
    return shown;
  }

  #mayHold(text: string): boolean {
    if (this.#isStale) this.#compile();
    return this.#beginnings!.test(text);
  }

  #compile(): void {
    const forms = new Set<string>();
    for (const known of [this.#own, this.#theirs]) {
      for (const spellings of known.values()) for (const form of spellings) forms.add(form);
    }
    this.#forms = [...forms].toSorted((a, b) => b.length - a.length);
    const starts = new Set(this.#forms.map((form) => literal(form.slice(0, beginning))));
    this.#beginnings = new RegExp([...starts].join("|"));
    this.#isStale = false;
  }
}
