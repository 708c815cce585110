/** Owns times as a person would write them: of a recording, nobody means the last millisecond. */

/** Shorter than this is no pause, in ms. */
const shortest = 20;

/** A time in ms that is worth writing down; undefined for next to nothing. */
export function roundedTime(ms: number): number | undefined {
  if (!(ms >= shortest)) return undefined;
  if (ms < 1000) return Math.round(ms / 10) * 10;
  if (ms < 10_000) return Math.round(ms / 100) * 100;
  return Math.round(ms / 1000) * 1000;
}

/** The time with its unit: 850ms, 1.5s, 90s. */
export function writtenTime(ms: number): string {
  return ms < 1000 ? `${ms}ms` : `${ms / 1000}s`;
}

/** How long an answer may take that took so long in the recording: four times that, and some. */
export function patienceFor(latency: number): string {
  const seconds = Math.ceil((latency * 4) / 1000);
  return `${Math.min(60, Math.max(5, seconds))}s`;
}
