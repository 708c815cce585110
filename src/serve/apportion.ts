/** Owns how a number of things is taken from several heaps, from each in proportion to its size. */

/**
 * How many to take from each, by the largest remainder: together exactly `count`, or everything
 * when there is less, and from no heap more than it has.
 */
export function apportion(count: number, sizes: readonly number[]): number[] {
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (count >= total) return [...sizes];
  const exact = sizes.map((size) => (count * size) / total);
  const shares = exact.map(Math.floor);
  const byRemainder = [...sizes.keys()].toSorted(
    (a, b) => exact[b]! - shares[b]! - (exact[a]! - shares[a]!),
  );
  const left = count - shares.reduce((sum, share) => sum + share, 0);
  for (const index of byRemainder.slice(0, left)) shares[index]!++;
  return shares;
}
