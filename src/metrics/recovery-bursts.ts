/** Owns finding, among losses that nothing in the plan made, those that came in a burst. */
import type { LossRecord } from "./recovery-part.js";

/** A burst is looked for within so many ms. */
const within = 1000;
/** Lost within that time of those open before, one in so many. */
const leastShare = 20;
const leastLosses = 2;

/**
 * The bursts, each with its losses: seconds in which at least 5 % of the connections open at their
 * beginnings were lost, and no fewer than two unless only one was open. Those that overlap are one.
 * @param losses in the order of their moments
 * @param openBefore how many were open just before a moment
 */
export function burstsOf(
  losses: readonly LossRecord[],
  openBefore: (at: number) => number,
): LossRecord[][] {
  const bursts: LossRecord[][] = [];
  let oldest = 0;
  /** Up to which loss, not included, the last burst goes. */
  let end = 0;
  for (const [index, { at }] of losses.entries()) {
    while (losses[oldest]!.at <= at - within) oldest++;
    const open = openBefore(losses[oldest]!.at);
    const least = Math.min(open, Math.max(leastLosses, Math.ceil(open / leastShare)));
    if (index - oldest + 1 < Math.max(1, least)) continue;
    const last = bursts.at(-1);
    if (last && oldest < end) last.push(...losses.slice(end, index + 1));
    else bursts.push(losses.slice(oldest, index + 1));
    end = index + 1;
  }
  return bursts;
}
