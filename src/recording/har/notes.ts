/** Owns what is told of a conversion at its end: each thing once, with how often it happened. */

/** The quoted part of a note is no longer. */
const longestQuote = 120;

/** Gathers notes; their texts may hold text of the other side, unsafe for a terminal as it is. */
export class Notes {
  readonly #counts = new Map<string, { times: number | undefined; quote: string | undefined }>();

  /** Something that is so. */
  add(what: string): void {
    this.#counts.set(what, { times: undefined, quote: undefined });
  }

  /** Something that happened again, and what was said with it the first time. */
  count(what: string, quote?: string, times = 1): void {
    if (times === 0) return;
    const known = this.#counts.get(what);
    this.#counts.set(what, {
      times: (known?.times ?? 0) + times,
      quote: known?.quote ?? quote?.slice(0, longestQuote),
    });
  }

  /** Every note, in the order in which each came up first. */
  told(): string[] {
    return [...this.#counts].map(([what, { times, quote }]) => {
      const said = quote === undefined || quote === "" ? "" : ` (“${quote}”)`;
      return `${what}${times === undefined ? "" : `: ${times}`}${said}`;
    });
  }
}
