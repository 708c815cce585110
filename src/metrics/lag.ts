/** Owns how late messages may leave before the figures of a run are no evidence. */

/** The finest and the coarsest limit, in ms. */
const [finest, coarsest] = [2, 10];

/**
 * The limit in ms: a tenth of the measured p99 or of the tightest bound on latency, whichever is
 * larger, since a lag within that can neither make the figure nor decide the gate.
 * @param rttP99 ms
 * @param gate ms; undefined where no threshold bounds a latency
 */
export function lagLimit(rttP99: number, gate = 0): number {
  return Math.min(coarsest, Math.max(finest, rttP99 / 10, gate / 10));
}

/** So many standard deviations are put down to chance. */
const chance = 2;

/**
 * At which percentile the lag of so many messages is judged: one in a hundred may be late, and as
 * many more as chance makes of that. Of 50 messages the p99 would be the single latest.
 */
export function lagPercent(messages: number): number {
  if (messages === 0) return 99;
  const late = 0.01 + chance * Math.sqrt((0.01 * 0.99) / messages);
  return 100 * (1 - Math.min(0.5, late));
}
