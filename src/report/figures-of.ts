/** Owns small questions about the figures of a run or of a part of it. */
import { parseSeriesKey } from "../metrics/catalogue.js";
import type { RunPart, RunResult } from "../metrics/run-result.js";

/** What a run and its parts have in common. */
type Figures = Pick<RunPart, "totals">;

/** The URLs of a run's targets; a stored plan may hold anything in their place. */
export function targetsOf(plan: RunResult["plan"]): string[] {
  const targets: unknown = plan["targets"];
  if (!Array.isArray(targets)) return [];
  return (targets as unknown[]).filter((target) => typeof target === "string");
}

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

/** Of a part, per second of its traffic; undefined when it had none. */
export function rateOf({ inTraffic, span }: RunPart, name: string): number | undefined {
  return span > 0 ? (totalOf({ totals: inTraffic }, name) * 1000) / span : undefined;
}
