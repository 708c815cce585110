/** Owns one line about a scenario: what it comes to, for those who have just checked it. */
import { formatCount, formatDuration } from "../base/quantity.js";
import { loadOf } from "../scenario/compile/load.js";
import { Population } from "../scenario/population.js";
import type { Scenario } from "../scenario/scenario.js";

/** `2 scenarios, 1 000 users at most, 5m 40s, 3 thresholds` */
export function scenarioInWords({ scenarios, config = {} }: Scenario): string {
  const words = [counted(scenarios?.length ?? 1, "scenario")];
  if (config.load !== undefined) {
    const load = loadOf(config.load);
    const { size, duration } = new Population(load);
    words.push(
      load.kind === "arrivals"
        ? `${counted(size, "arrival")} in all`
        : `${counted(size, "user")} at most`,
      formatDuration(duration),
    );
  }
  const thresholds = Object.values(config.thresholds ?? {}).flat().length;
  words.push(thresholds === 0 ? "no thresholds" : counted(thresholds, "threshold"));
  return words.join(", ");
}

function counted(count: number, what: string): string {
  return `${formatCount(count)} ${what}${count === 1 ? "" : "s"}`;
}
