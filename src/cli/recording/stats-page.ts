/** Owns how what a recording comes to is told: a table for people, one JSON document for programs. */
import { toMicroseconds } from "../../base/microseconds.js";
import { formatCount, formatDuration, formatSize } from "../../base/quantity.js";
import { safeLine, safeText } from "../../base/safe-text.js";
import type { RecordingHeader } from "../../recording/line.js";
import type { GapStats, RecordingStats, SideStats } from "../../recording/stats.js";
import { type Ink, warn } from "../../report/ink.js";
import { plainTable } from "../../report/table.js";
import { closeWords } from "../pipe/close-words.js";

type Cell = (side: SideStats) => string;

const size = (bytes: number | undefined): string => (bytes === undefined ? "–" : formatSize(bytes));

/** Rows that are always there, and those that are left out where they say nothing. */
const rows: readonly (readonly [name: string, cell: Cell, isOptional: boolean])[] = [
  ["text messages", (side) => formatCount(side.text), false],
  ["binary messages", (side) => formatCount(side.binary), false],
  ["pings", (side) => formatCount(side.pings), true],
  ["pongs", (side) => formatCount(side.pongs), true],
  ["other opcodes", (side) => formatCount(side.other), true],
  ["payload", (side) => formatSize(side.bytes), false],
  ["on the wire", (side) => formatSize(side.wire), false],
  ["smallest", (side) => size(side.smallest), false],
  ["largest", (side) => size(side.largest), false],
  ["compressed", (side) => formatCount(side.compressed), true],
  ["in several frames", (side) => formatCount(side.fragmented), true],
  ["redacted", (side) => formatCount(side.redacted), true],
];

/** The lines of the table, the last one ended; safe for a terminal. */
export function statsTable(header: RecordingHeader, stats: RecordingStats, ink: Ink): string {
  const { chalk } = ink;
  const table = rows.flatMap(([name, cell, isOptional]) => {
    const cells = [cell(stats.in), cell(stats.out)];
    return isOptional && cells.every((text) => text === "0") ? [] : [[name, ...cells]];
  });
  const facts = factsOf(stats, ink).map(([name, text]) => `${chalk.dim(name.padEnd(17))}  ${text}`);
  const where = header.url === "" ? "an unknown place" : safeLine(header.url, 300);
  return [
    chalk.bold(where),
    chalk.dim(`recorded ${safeLine(header.startedAt, 40)}${by(header)}`),
    "",
    ...plainTable(["", "received", "sent"], table, ink),
    "",
    ...facts,
    "",
  ].join("\n");
}

function by({ tool, redacted }: RecordingHeader): string {
  const who = tool === "" ? "" : ` by ${safeLine(tool, 60)}`;
  return redacted.length === 0 ? who : `${who}, redacted: ${safeLine(redacted.join(", "))}`;
}

function factsOf(stats: RecordingStats, ink: Ink): [string, string][] {
  const { first, last, upgrades, close, gaps, marks, unknown, ended } = stats;
  const facts: [string, string][] = [];
  if (last !== undefined) facts.push(["lasted", formatDuration(last)]);
  if (first !== undefined) facts.push(["first line after", formatDuration(first)]);
  if (upgrades.length > 0) facts.push(["upgrades", upgrades.join(", ")]);
  if (stats.fastestAnswer !== undefined && stats.slowestAnswer !== undefined) {
    const [fast, slow] = [formatDuration(stats.fastestAnswer), formatDuration(stats.slowestAnswer)];
    facts.push(["answered after", fast === slow ? fast : `${fast} to ${slow}`]);
  }
  if (stats.longestSilence > 0)
    facts.push(["longest silence", formatDuration(stats.longestSilence)]);
  if (marks > 0) facts.push(["marks", formatCount(marks)]);
  for (const [why, gap] of gaps) facts.push([`gaps: ${safeLine(why, 40)}`, gapWords(gap)]);
  for (const [kind, count] of unknown) {
    facts.push([`kind ${safeLine(kind, 20)}`, `${formatCount(count)}, unknown to this version`]);
  }
  if (close) {
    const who = close.by === "nobody" ? "nobody" : `the ${close.by}`;
    facts.push(["closed by", `${who}: ${closeWords(close.code, close.reason)}`]);
  }
  if (!ended) facts.push(["ended", warn(ink, "not in good order: the last lines may be missing")]);
  return facts;
}

function gapWords({ count, missed, lasted }: GapStats): string {
  const words = [formatCount(count)];
  if (missed > 0) words.push(`${formatCount(missed)} messages missed`);
  if (lasted > 0) words.push(formatDuration(lasted));
  return words.join(", ");
}

/** The document, version 1: times in ms, sizes in bytes; what is not known is null. */
export function statsJson(header: RecordingHeader, stats: RecordingStats): string {
  const { url, startedAt, tool, redacted } = header;
  const document = {
    $schema: "wsctl.recording-stats/1",
    url,
    startedAt,
    tool,
    redacted,
    lines: stats.lines,
    first: stats.first ?? null,
    last: stats.last ?? null,
    upgrades: stats.upgrades,
    received: sideJson(stats.in),
    sent: sideJson(stats.out),
    fastestAnswer: rounded(stats.fastestAnswer),
    slowestAnswer: rounded(stats.slowestAnswer),
    longestSilence: rounded(stats.longestSilence),
    gaps: [...stats.gaps].map(([why, { count, missed, lasted }]) => ({
      why,
      count,
      missed,
      lasted,
    })),
    marks: stats.marks,
    unknown: [...stats.unknown].map(([kind, count]) => ({ kind, count })),
    close: stats.close
      ? { by: stats.close.by, code: stats.close.code, reason: stats.close.reason }
      : null,
    ended: stats.ended,
  };
  return `${safeText(JSON.stringify(document).replaceAll("\u007f", "\\u007f"))}\n`;
}

/** To the microsecond, as times are recorded. */
function rounded(ms: number | undefined): number | null {
  return ms === undefined ? null : toMicroseconds(ms);
}

function sideJson({ smallest, largest, ...side }: SideStats): object {
  const messages = side.text + side.binary;
  return { messages, ...side, smallest: smallest ?? null, largest: largest ?? null };
}
