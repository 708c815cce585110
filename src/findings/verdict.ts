/** Owns what a check can come to. */

/**
 * The worst first. `inconclusive`: it was tried, and nothing can be said; `skip`: it has no place
 * here. Neither is ever counted as passed.
 */
export const verdicts = ["fail", "warn", "inconclusive", "info", "pass", "skip"] as const;

/** One of {@link verdicts}. */
export type Verdict = (typeof verdicts)[number];

/** The worst of several; `inconclusive` when there is none, since nothing was seen then. */
export function worstOf(all: readonly Verdict[]): Verdict {
  return verdicts.find((verdict) => all.includes(verdict)) ?? "inconclusive";
}
