/** Owns the lines of the live panel that say how many users there are, and are to be by now. */
import { formatCount, formatDuration } from "../base/quantity.js";
import { safeLine } from "../base/safe-text.js";
import type { UserLoad } from "../metrics/output.js";

/** What stage a run is in. */
interface Place {
  readonly index: number;
  readonly since: number;
  readonly figure: number;
}

/** Where the load stands after `elapsed` ms of traffic; undefined without stages. */
function placeAt({ stages }: UserLoad, elapsed: number): Place | undefined {
  let since = elapsed;
  for (const [index, { duration, from, to }] of stages.entries()) {
    if (since < duration || index === stages.length - 1) {
      const share = duration > 0 ? Math.min(1, since / duration) : 1;
      return { index, since: Math.min(since, duration), figure: from + (to - from) * share };
    }
    since -= duration;
  }
  return undefined;
}

/** `2 of 5 (rise), 4.00 s of 10.0 s`; undefined when there is but one. */
export function stageInWords(load: UserLoad, elapsed: number): string | undefined {
  const place = placeAt(load, elapsed);
  if (!place || load.stages.length < 2) return undefined;
  const { name, duration } = load.stages[place.index]!;
  const at = `${formatDuration(place.since)} of ${formatDuration(duration)}`;
  return `${place.index + 1} of ${load.stages.length} (${safeLine(name, 40)}), ${at}`;
}

/**
 * `87 connected of 100`, `87 connected, 12/s arriving`
 * @param load undefined when no more are to come
 * @param connected undefined while that is not known
 */
export function usersAt(
  load: UserLoad | undefined,
  elapsed: number,
  connected: number | undefined,
): string {
  const place = load && placeAt(load, elapsed);
  const said = `${connected === undefined ? "–" : formatCount(connected)} connected`;
  if (!load || !place) return said;
  if (load.kind === "population") return `${said} of ${formatCount(Math.round(place.figure))}`;
  const rate = place.figure < 10 ? Number(place.figure.toFixed(1)) : Math.round(place.figure);
  return `${said}, ${formatCount(rate)}/s arriving`;
}
