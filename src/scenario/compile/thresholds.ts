/** Owns compiling thresholds. */
import { parseDuration } from "../../base/quantity.js";
import type { Places } from "../places.js";
import type { PlanThreshold } from "../plan.js";
import type { Scenario } from "../scenario.js";
import { listed } from "../users.js";

/** All thresholds, each with its place where it came from a file. */
export function thresholdsOf(scenario: Scenario, places: Places | undefined): PlanThreshold[] {
  return Object.entries(scenario.config?.thresholds ?? {}).flatMap(([metric, given]) =>
    listed(given, ["config", "thresholds", metric]).map(({ item, path }): PlanThreshold => {
      const settings = typeof item === "string" ? { threshold: item } : item;
      const {
        threshold,
        abortOnFail = false,
        after = "0",
      } = {
        abortOnFail: undefined,
        after: undefined,
        ...settings,
      };
      return {
        metric,
        expression: threshold,
        abortOnFail,
        after: parseDuration(String(after)),
        // What a flag added stands behind what the file says.
        place: places?.has(path) ? places.placeOf(path) : undefined,
      };
    }),
  );
}
