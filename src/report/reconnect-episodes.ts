/** Owns the table of a run's episodes of lost connections, and which of them is told in full. */
import { formatCount, formatDuration } from "../base/quantity.js";
import type { Recovery, RecoveryEpisode } from "../metrics/recovery.js";
import { slowestOf } from "../metrics/recovery-slowest.js";
import { formatShare } from "./figure.js";
import { episodeName, rounded } from "./reconnect-words.js";

/** Its columns. */
export const episodeColumns = [
  "",
  "at",
  "lost",
  "back",
  "50 % after",
  "95 %",
  "all",
  "dials/s",
  "in 100 ms",
  "attempts",
  "missed",
];

/** An episode's cells; a dash where there is no figure. All of it is harmless. */
export function episodeRow(episode: RecoveryEpisode): string[] {
  const { cause, at, cut, back, to50, to95, to100, peakPerSecond, firstRetries } = episode;
  const time = (ms: number | undefined): string => (ms === undefined ? "–" : formatDuration(ms));
  return [
    episodeName(cause),
    formatDuration(at),
    formatCount(cut),
    formatCount(back),
    time(to50),
    time(to95),
    time(to100),
    formatCount(peakPerSecond),
    firstRetries.count === 0 ? "–" : formatShare(rounded(firstRetries.crowded)),
    formatCount(episode.attempts),
    episode.missed === undefined ? "–" : formatCount(episode.missed),
  ];
}

/** How many episodes are not among the first so many; undefined when there are none. */
export function furtherEpisodes(
  { episodes, furtherEpisodes: unlisted }: Recovery,
  shown: number,
): string | undefined {
  const further = Math.max(0, episodes.length - shown) + unlisted;
  return further === 0 ? undefined : `and ${formatCount(further)} more`;
}

/** The one that took longest to recover; none when nobody was cut in any. */
export function slowest(episodes: readonly RecoveryEpisode[]): RecoveryEpisode[] {
  const worst = slowestOf(episodes, (episode) => episode);
  return worst ? [worst] : [];
}
