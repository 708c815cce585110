/** Owns the search for the largest thing that is taken: twice as large each time, then by halves. */

/** What came of one size: `unknown` ends the search. */
export type Taken = "taken" | "refused" | "unknown";

/** What is known of a limit, in steps. */
export interface Limit {
  /** The largest that was taken; 0 where none was. */
  readonly taken: number;
  /** The smallest that was refused; undefined where none was. */
  readonly refused: number | undefined;
}

/**
 * Searches from 1 to `most`. Where nothing ends it before, both ends of what is known lie one step
 * apart, or none was refused.
 * @param attempt tries one size; not called again once it says `unknown`
 */
export async function searchLimit(
  most: number,
  attempt: (size: number) => Promise<Taken>,
): Promise<Limit> {
  let taken = 0;
  let refused: number | undefined;
  for (let size = 1; refused === undefined && taken < most; size = Math.min(most, size * 2)) {
    const outcome = await attempt(size);
    if (outcome === "unknown") return { taken, refused };
    if (outcome === "taken") taken = size;
    else refused = size;
  }
  while (refused !== undefined && refused - taken > 1) {
    const size = Math.floor((taken + refused) / 2);
    const outcome = await attempt(size);
    if (outcome === "unknown") break;
    if (outcome === "taken") taken = size;
    else refused = size;
  }
  return { taken, refused };
}
