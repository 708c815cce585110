/** Owns profiles, slow consumers and heartbeats as Markdown. */
import { formatDuration } from "../base/quantity.js";
import type { RunResult } from "../metrics/run-result.js";
import { heartbeatWords } from "./heartbeat-words.js";
import { cellCode, markdownTable, markdownText } from "./markdown-text.js";
import { profileColumns, profileCounts, profileTimes } from "./profile-words.js";
import { slowWords } from "./slow-words.js";

/** So many rows of what a run may have any number of. */
const mostRows = 50;

/** Blocks of lines, some of them perhaps empty. */
export function profileBlocks(result: RunResult): string[][] {
  const { profiles = [] } = result;
  return [
    table(
      "Profiles",
      profileColumns,
      profiles.map((part) => [cellCode(part.name)].concat(profileCounts(part))),
    ),
    table(
      "What users of each profile felt",
      ["p50", "p95", "p99", "max"],
      profileTimes(profiles).map(({ metric, profile, trend: { p50, p95, p99, max } }) =>
        [cellCode(`${metric} ${profile}`)].concat([p50, p95, p99, max].map(formatDuration)),
      ),
    ),
    list("Slow consumers", slowWords(result)),
    list("Heartbeats", heartbeatWords(result)),
  ];
}

function table(
  title: string,
  columns: readonly string[],
  rows: readonly (readonly string[])[],
): string[] {
  if (rows.length === 0) return [];
  const align = ["left" as const, ...columns.map(() => "right" as const)];
  return [`### ${title}`, "", ...markdownTable(["", ...columns], rows.slice(0, mostRows), align)];
}

function list(title: string, sentences: readonly string[]): string[] {
  if (sentences.length === 0) return [];
  return [`### ${title}`, "", ...sentences.map((sentence) => `- ${markdownText(sentence, 1000)}`)];
}
