/** Owns when each row of a run's series began: rows are cut where a stage or the warm-up ends, too. */
import type { RunResult } from "../metrics/run-result.js";

/**
 * When each row began, in ms of the run. Rows follow one another without a gap, and the last ends
 * with the run: their lengths say more than their numbers, which count such ends as well. Of
 * several workers a row has the longest length, so that all rows together may be longer than the
 * run: then they are shortened alike.
 */
export function rowStarts({ series, run }: Pick<RunResult, "series" | "run">): number[] {
  const sum = series.reduce((total, { span }) => total + span, 0);
  const first = Math.max(0, run.took - sum);
  const scale = sum > run.took && sum > 0 ? run.took / sum : 1;
  let elapsed = 0;
  return series.map(({ span }) => {
    const start = first + elapsed * scale;
    elapsed += span;
    return start;
  });
}
