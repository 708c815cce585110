/** Owns which of several episodes of lost connections is the worst. */
import type { RecoveryEpisode } from "./recovery.js";

/**
 * The one that took longest to recover, the first of several: one that never did goes before all that
 * did. One in which nobody was cut is none of them; undefined when there is no other.
 */
export function slowestOf<T>(
  episodes: readonly T[],
  of: (one: T) => Pick<RecoveryEpisode, "cut" | "lostForGood" | "to100">,
): T | undefined {
  let worst: { readonly one: T; readonly rank: readonly number[] } | undefined;
  for (const one of episodes) {
    const { cut, lostForGood, to100 = Infinity } = of(one);
    const rank = [lostForGood, to100, cut];
    if (cut > 0 && (worst === undefined || isAbove(rank, worst.rank))) worst = { one, rank };
  }
  return worst?.one;
}

function isAbove(rank: readonly number[], other: readonly number[]): boolean {
  const place = rank.findIndex((value, i) => value !== other[i]);
  return place >= 0 && rank[place]! > other[place]!;
}
