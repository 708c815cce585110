/** Owns how exactly times are told: to the microsecond, behind which a binary fraction has only accidents. */

/** Milliseconds, rounded so. */
export function toMicroseconds(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}

/** The same of each number of milliseconds by its name. */
export function eachToMicroseconds(
  times: Readonly<Record<string, number>>,
): Record<string, number> {
  return Object.fromEntries(
    Object.entries(times).map(([name, ms]) => [name, toMicroseconds(ms)] as const),
  );
}
