/** Owns what each profile's users felt: the times and counts that are set side by side in reports. */
import { formatCount, formatDuration, formatSize } from "../base/quantity.js";
import { parseSeriesKey } from "../metrics/catalogue.js";
import type { RunPart } from "../metrics/run-result.js";
import type { TrendSummary } from "../metrics/trend.js";
import { totalOf } from "./figures-of.js";

/** The times by which users are compared, the most telling first. */
const felt = ["ws_msg_rtt", "ws_delivery", "ws_ping"] as const;

/** The columns of the table of counts. */
export const profileColumns = [
  "connections",
  "received",
  "each",
  "sent",
  "timed out",
  "lost",
  "ended by the server",
];

/** A profile's counts, one a column; a dash where there is nothing to count. */
export function profileCounts(part: RunPart): string[] {
  const count = (name: string): number => totalOf(part, name);
  const opened = count("ws_sessions");
  const bytes = part.inTraffic["ws_bytes_received"] ?? 0;
  const connected = connectedFor(part, opened);
  const each = connected > 0 ? (bytes * 1000) / connected : undefined;
  const known = (of: readonly string[], value: string): string =>
    of.some((name) => count(name) > 0) ? value : "–";
  return [
    formatCount(opened),
    formatSize(bytes),
    each === undefined ? "–" : `${formatSize(each)}/s`,
    formatCount(count("ws_msgs_sent")),
    known(["ws_msg_expected"], formatCount(count("ws_msg_timeout"))),
    known(["ws_msg_delivered", "ws_msg_lost"], formatCount(count("ws_msg_lost"))),
    formatCount(endedByServer(part)),
  ];
}

/** Each time of which any profile has a distribution, profile by profile. */
export function profileTimes(
  profiles: readonly RunPart[],
): { readonly metric: string; readonly profile: string; readonly trend: TrendSummary }[] {
  return felt.flatMap((metric) =>
    profiles.flatMap(({ name: profile, trends }) => {
      const trend = Object.hasOwn(trends, metric) ? trends[metric] : undefined;
      return trend && trend.count > 0 ? [{ metric, profile, trend }] : [];
    }),
  );
}

/** A distribution in a few words. */
export function trendWords({ p50, p99, max }: TrendSummary): string {
  return `p50 ${formatDuration(p50)}, p99 ${formatDuration(p99)}, max ${formatDuration(max)}`;
}

/**
 * How long its connections were open, taken together, in ms: as long as they lasted, and no longer than
 * if each of them had been there from the start of traffic to its end.
 */
function connectedFor({ span, trends }: RunPart, opened: number): number {
  const all = opened * span;
  const lasted = Object.hasOwn(trends, "ws_session_duration")
    ? trends["ws_session_duration"]
    : undefined;
  if (!lasted) return all;
  // Of those whose end nobody saw the longest that they can have lasted.
  return Math.min(all, lasted.count * lasted.mean + Math.max(0, opened - lasted.count) * span);
}

function endedByServer({ totals }: RunPart): number {
  let sum = 0;
  for (const [key, count] of Object.entries(totals)) {
    const { name, tags } = parseSeriesKey(key);
    if (name === "ws_close" && tags["by"] === "server") sum += count;
  }
  return sum;
}
