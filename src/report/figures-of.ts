/** Owns small questions about the figures of a run or of a part of it. */
import { parseSeriesKey } from "../metrics/catalogue.js";
import type { RunPart } from "../metrics/run-result.js";

/** What a run and its parts have in common. */
type Figures = Pick<RunPart, "totals" | "trends">;

/** Sums a metric over all its tags; 0 when it never occurred. */
export function totalOf({ totals }: Figures, name: string): number {
  let sum = 0;
  for (const key of Object.keys(totals)) {
    if (key === name || (key.startsWith(`${name}{`) && parseSeriesKey(key).name === name)) {
      sum += totals[key]!;
    }
  }
  return sum;
}

/** Of a part, per second of its time; undefined when it took none. */
export function rateOf(part: RunPart, name: string): number | undefined {
  return part.span > 0 ? (totalOf(part, name) * 1000) / part.span : undefined;
}
