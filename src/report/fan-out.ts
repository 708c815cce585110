/** Owns the part of the reports on fan-out: how much of its audience each broadcast reached, and when. */
import { formatCount, formatDuration } from "../base/quantity.js";
import { safeLine } from "../base/safe-text.js";
import type { FanOut, FanOutExample, FanOutStretch, FanOutSum } from "../metrics/fan-out.js";
import type { RunResult } from "../metrics/run-result.js";
import { sparkline } from "./drawing.js";
import { formatShare } from "./figure.js";
import { targetsOf } from "./figures-of.js";
import { warn, type Ink } from "./ink.js";
import { latencyTable } from "./latency-table.js";
import { cellCode, markdownTable, markdownText } from "./markdown-text.js";
import type { Section } from "./section.js";

/** So many examples are shown; the document holds more. */
const mostShown = 3;
const mostAudiences = 10;
const drawn = 60;
const titles = 19;

const times = ["ws_fanout_first", "ws_fanout_median", "ws_fanout_last", "ws_fanout_spread"];

/** Broadcasts and who got them; nothing when none was followed. */
export function fanOutSection(result: RunResult, ink: Ink): Section {
  const { fanOut } = result;
  if (!fanOut) return { title: "fan-out", lines: [] };
  const { chalk } = ink;
  const doubts = doubtsOf(fanOut).map((line) => warn(ink, line));
  if (fanOut.broadcasts === 0) {
    return { title: "fan-out", lines: [chalk.dim(noneInWords(fanOut)), ...doubts] };
  }
  const isWhole = fanOut.reached === fanOut.expected;
  const isAll = fanOut.unfollowed === 0;
  const passed = isAll ? chalk.green("✓") : warn(ink, "?");
  const mark = isWhole ? passed : chalk.red("✗");
  const rows = times.flatMap((name) => {
    const trend = trendOf(result, name);
    return trend ? [{ name, trend }] : [];
  });
  const examples = examplesOf(fanOut).flatMap((example) => exampleLines(example, result));
  return {
    title: "fan-out",
    lines: [
      `${mark} ${sumInWords(fanOut, isAll)}`,
      ...audiencesOf(fanOut).map((line) => chalk.dim(line)),
      ...lossOf(fanOut).map((line) => chalk.red(line)),
      ...doubts,
      ...(rows.length > 0 ? ["", ...latencyTable(rows, ink)] : []),
      ...drawing(fanOut, ink),
      ...(examples.length > 0 ? ["", ...examples] : []),
    ],
  };
}

/** The same as Markdown. */
export function fanOutMarkdown(result: RunResult): string[] {
  const { fanOut } = result;
  if (!fanOut) return [];
  const doubts = doubtsOf(fanOut);
  if (fanOut.broadcasts === 0) {
    if (doubts.length === 0) return [];
    const lines = doubts.map((line) => `- ${markdownText(line)}`);
    return ["### Fan-out", "", markdownText(noneInWords(fanOut)), "", ...lines];
  }
  const rows = times.flatMap((name) => {
    const trend = trendOf(result, name);
    if (!trend) return [];
    const { p50, p95, p99, max } = trend;
    return [[`\`${name}\``, ...[p50, p95, p99, max].map((ms) => formatDuration(ms))]];
  });
  const head = ["", "p50", "p95", "p99", "max"];
  const align = head.map((name) => (name === "" ? "left" : "right"));
  const worst = fanOut.worst
    .slice(0, mostShown)
    .map((example) => [
      cellCode(`user ${example.sender}, message ${example.sequence}`),
      formatDuration(Math.max(0, example.at)),
      `${formatCount(example.reached)} of ${formatCount(example.expected)}`,
      markdownText(missedInWords(example, result)),
    ]);
  return [
    "### Fan-out",
    "",
    markdownText(sumInWords(fanOut, fanOut.unfollowed === 0)),
    ...[...lossOf(fanOut), ...doubts].map((line) => `- ${markdownText(line)}`),
    ...(rows.length > 0 ? ["", ...markdownTable(head, rows, align)] : []),
    ...(worst.length > 0
      ? ["", ...markdownTable(["broadcast", "sent after", "reached", "missed by"], worst, [])]
      : []),
  ];
}

function trendOf({ trends }: RunResult, name: string): RunResult["trends"][string] | undefined {
  const trend = Object.hasOwn(trends, name) ? trends[name] : undefined;
  return trend && trend.count > 0 ? trend : undefined;
}

/** @param isAll whether these are all there were */
function sumInWords(sum: FanOutSum, isAll: boolean): string {
  const { broadcasts, complete, expected, reached } = sum;
  const count = `${formatCount(broadcasts)} broadcast${broadcasts === 1 ? "" : "s"}`;
  const all = isAll ? count : `${count} followed`;
  const share = `${formatShare(reached / expected)} of ${formatCount(expected)} recipients reached`;
  if (complete === broadcasts && isAll) return `${all}, ${share}: everyone, each time`;
  return `${all}, ${formatCount(complete)} of them to everyone; ${share}`;
}

function audiencesOf({ audiences, unfollowed }: FanOut): string[] {
  const heard = audiences.filter(({ broadcasts }) => broadcasts > 0);
  const lines = heard.slice(0, mostAudiences).map((one) => {
    const each = formatCount(Math.round(one.expected / one.broadcasts));
    const told = audiences.length > 1 ? `, ${sumInWords(one, unfollowed === 0)}` : "";
    return safeLine(`${one.scenario} to ${each} (audience: ${one.audience})${told}`, 300);
  });
  const more = heard.length - lines.length;
  return more > 0 ? [...lines, `and ${formatCount(more)} scenarios more`] : lines;
}

function lossOf({ broadcasts, complete, expected, reached, unheard }: FanOut): string[] {
  if (reached === expected) return [];
  const missed = formatCount(expected - reached);
  const nobody = unheard > 0 ? `; ${formatCount(unheard)} reached nobody` : "";
  return [`${formatCount(broadcasts - complete)} missed ${missed} recipients in all${nobody}`];
}

/** Why there are no figures. */
function noneInWords({ unfollowed }: FanOut): string {
  return unfollowed > 0 ? "no broadcast was followed" : "no broadcast had an audience";
}

function doubtsOf(fanOut: FanOut): string[] {
  const { unfollowed, withoutCircle, withoutAudience, late, settle } = fanOut;
  const unknown = "these are in no other figure";
  const told = [
    [
      unfollowed - withoutCircle,
      `broadcasts were not followed, as too many were under way at once: ${unknown}`,
    ],
    [
      withoutCircle,
      `broadcasts were not followed, as there was no room for who hears so many senders: ${unknown}`,
    ],
    [withoutAudience, "broadcasts were sent while nobody was there to hear them"],
    [late, `messages came later than ${formatDuration(settle)} after their sending: too late`],
  ] as const;
  return told.flatMap(([count, words]) => (count > 0 ? [`${formatCount(count)} ${words}`] : []));
}

/** The last recipients over time, and those missed where there are any. */
function drawing({ course, stretch }: FanOut, { chalk, width }: Ink): string[] {
  if (course.length < 3) return [];
  const [from, to] = [course[0]!.at, course.at(-1)!.at + stretch];
  const columns = Math.max(10, Math.min(drawn, width - 40));
  const row = (title: string, values: readonly number[], most: string): string =>
    `${chalk.dim(title.padEnd(titles))}${chalk.cyan(sparkline(values, columns))}  ${chalk.dim(`at most ${most}`)}`;
  const last = columnsOf(course, from, to, columns, ({ last: ms }) => ms);
  const missed = columnsOf(course, from, to, columns, (one) => one.expected - one.reached);
  const highest = Math.max(...last);
  return [
    "",
    row("last recipient", last, formatDuration(highest)),
    ...(missed.some((count) => count > 0)
      ? [row("recipients missed", missed, formatCount(Math.max(...missed)))]
      : []),
    chalk.dim(
      `${" ".repeat(titles)}from ${formatDuration(Math.max(0, from))} to ${formatDuration(to)}`,
    ),
  ];
}

/** The largest value within each column. */
function columnsOf(
  course: readonly FanOutStretch[],
  from: number,
  to: number,
  columns: number,
  value: (stretch: FanOutStretch) => number,
): number[] {
  const width = Math.min(columns, Math.max(course.length, 1));
  const all = Array.from({ length: width }, () => 0);
  for (const one of course) {
    const column = Math.min(width - 1, Math.floor(((one.at - from) / (to - from)) * width));
    all[column] = Math.max(all[column]!, value(one));
  }
  return all;
}

/** The worst, or where all were reached the slowest. */
function examplesOf({ worst, slowest }: FanOut): readonly FanOutExample[] {
  return worst.length > 0 ? worst.slice(0, mostShown) : slowest.slice(0, 1);
}

function exampleLines(example: FanOutExample, result: RunResult): string[] {
  const { scenario, sender, sequence, at, expected, reached, last } = example;
  const when = `after ${formatDuration(Math.max(0, at))}`;
  const who = `user ${sender} (${safeLine(scenario, 64)}), message ${sequence}, sent ${when}`;
  const got = `${formatCount(reached)} of ${formatCount(expected)}`;
  const took = last === undefined ? "" : `, the last after ${formatDuration(last)}`;
  const missed = missedInWords(example, result);
  return [`${who}: reached ${got}${took}`, ...(missed === "" ? [] : [`  missed by ${missed}`])];
}

/** Who did not get it, and where they were connected. */
function missedInWords(
  { expected, reached, missed, missedAt }: FanOutExample,
  { plan }: RunResult,
): string {
  const all = expected - reached;
  if (all === 0) return "";
  if (missed.length === 0) return formatCount(all);
  const some = `${missed.length < all ? `${formatCount(all)}: ` : ""}user ${missed.join(", ")}`;
  const rest = missed.length < all ? " …" : "";
  const targets = targetsOf(plan);
  const where = missedAt.flatMap((count, target) =>
    count > 0 ? [`${formatCount(count)} on ${targets[target] ?? `target ${target + 1}`}`] : [],
  );
  const told = where.length > 0 ? ` (${safeLine(where.slice(0, 4).join(", "), 300)})` : "";
  return `${some}${rest}${told}`;
}
