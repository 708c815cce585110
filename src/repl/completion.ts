/** Owns what the tab key offers: what stands at the cursor could go on like that. */

/** The ways in which a part of the line can go on. */
export interface Completion {
  /** Where the part begins; it ends at the cursor. */
  readonly from: number;
  /** Each is the whole part as it could be. */
  readonly options: readonly string[];
}

/** What all have in common at their beginning. */
export function sharedStart(options: readonly string[]): string {
  const [first = "", ...rest] = options;
  let length = first.length;
  for (const each of rest) {
    while (!each.startsWith(first.slice(0, length))) length--;
  }
  return first.slice(0, length);
}

/** Those of the words that begin like the part of the line from `from` to the cursor. */
export function startingWith(
  line: string,
  from: number,
  cursor: number,
  words: Iterable<string>,
): Completion | undefined {
  const start = line.slice(from, cursor);
  const options = [...words].filter((word) => word.startsWith(start));
  return options.length > 0 ? { from, options } : undefined;
}
