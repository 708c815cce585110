/** Owns what change between two runs is worth a look: more than runs of the same thing differ by anyway. */
import type { Metric } from "./catalogue.js";

/** So much of the base. */
const leastChange = 0.05;
/** Of a time at least so many ms: some µs are nothing, however many times as much. */
const leastMs = 0.02;
/** Of a share so much of the whole: nearly all that matters of one is close to that. */
const leastShare = 0.001;

/** Whether the change is noticeable; of a base of 0 every change is. */
export function isNoticeable(
  base: number | undefined,
  change: number | undefined,
  unit: Metric["unit"] | undefined,
): boolean {
  if (base === undefined || change === undefined || change === 0) return false;
  if (unit === "share") return Math.abs(change) >= leastShare;
  if (unit === "ms" && Math.abs(change) < leastMs) return false;
  return Math.abs(change) >= Math.abs(base) * leastChange;
}
