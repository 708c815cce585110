/** Owns the days that a certificate has left, and from when on it is to be renewed. */

const day = 86_400_000;

/**
 * Whole days of a time, in milliseconds: what is begun of the next does not count, and what is over
 * has a minus, so that less than a day after the end counts as -1.
 */
export function wholeDays(ms: number): number {
  return ms < 0 ? Math.min(-1, Math.ceil(ms / day)) : Math.floor(ms / day);
}

/**
 * From when on before its end a certificate is warned of, in milliseconds: 60 and 30 days, less for
 * those that live less than half a year, since they are renewed by machines much later than that.
 * @param life milliseconds from its first day to its last
 */
export function expiryLimits(life: number): { readonly soon: number; readonly verySoon: number } {
  return { soon: Math.min(60 * day, life / 3), verySoon: Math.min(30 * day, life / 6) };
}
