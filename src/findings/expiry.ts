/** Owns from when on a certificate is to be renewed. */

const day = 86_400_000;

/**
 * From when on before its end a certificate is warned of, in milliseconds: 60 and 30 days, less for
 * those that live less than half a year, since they are renewed by machines much later than that.
 * @param life milliseconds from its first day to its last
 */
export function expiryLimits(life: number): { readonly soon: number; readonly verySoon: number } {
  return { soon: Math.min(60 * day, life / 3), verySoon: Math.min(30 * day, life / 6) };
}
