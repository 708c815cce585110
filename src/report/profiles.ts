/** Owns the part of the text report that sets users of different profiles side by side. */
import { safeLine } from "../base/safe-text.js";
import type { RunResult } from "../metrics/run-result.js";
import type { Ink } from "./ink.js";
import { latencyTable } from "./latency-table.js";
import { profileColumns, profileCounts, profileTimes } from "./profile-words.js";
import type { Section } from "./section.js";
import { plainTable } from "./table.js";

/** What is left out where there is little room. */
const missedLeast: ReadonlySet<string> = new Set(["received", "sent", "timed out"]);
const wide = 90;
const longestName = 20;

/** The profiles; nothing where users are all alike. */
export function profileSection({ profiles = [] }: RunResult, ink: Ink): Section {
  if (profiles.length === 0) return { title: "profiles", lines: [] };
  const shown = (cells: readonly string[]): string[] =>
    cells.filter((_, at) => ink.width >= wide || !missedLeast.has(profileColumns[at]!));
  const rows = profiles.map((part) => [
    safeLine(part.name, longestName),
    ...shown(profileCounts(part)),
  ]);
  const times = profileTimes(profiles).map(({ metric, profile, trend }) => ({
    name: `${metric} ${safeLine(profile, longestName)}`,
    trend,
  }));
  return {
    title: "profiles",
    lines: [
      ...plainTable(["", ...shown(profileColumns)], rows, ink),
      ...(times.length > 0 ? ["", ...latencyTable(times, ink)] : []),
    ],
  };
}
