/** Owns the time since the start, as it stands before each line. */

/** Columns of {@link elapsed}. */
export const elapsedWidth = 12;

/** Such as `0:12.481`, or `1:02:03.400` from an hour on; to the millisecond, with the columns filled up. */
export function elapsed(ms: number): string {
  const all = Math.round(ms);
  const two = (value: number): string => String(value).padStart(2, "0");
  const seconds = Math.floor(all / 1000);
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const rest = `${two(seconds % 60)}.${String(all % 1000).padStart(3, "0")}`;
  const time = hours > 0 ? `${hours}:${two(minutes % 60)}:${rest}` : `${minutes}:${rest}`;
  return time.padStart(elapsedWidth);
}
