/**
 * Owns the distributions of a run as HdrHistogram's tools read them: a histogram log with one line a
 * trend, and the percentile distribution of one of them.
 */
import { safeLine } from "../base/safe-text.js";
import type { RunResult } from "../metrics/run-result.js";
import { Trend, type TrendSummary } from "../metrics/trend.js";

/** The log, format 1.3: values in µs, the column of maxima in ms; parts of the run are tagged. */
export function hlogReport(result: RunResult): string {
  const { run } = result;
  const began = Date.parse(run.startedAt) / 1000;
  const start = Number.isFinite(began) ? began : 0;
  const length = (run.took / 1000).toFixed(3);
  const lines = trendsOf(result).map(
    ([tag, { max, hdr }]) => `Tag=${tagOf(tag)},0.000,${length},${max.toFixed(3)},${hdr}`,
  );
  return [
    "#[Histogram log format version 1.3]",
    `#[wsctl run ${safeLine(run.id)}: values in microseconds, maxima in milliseconds]`,
    `#[StartTime: ${start.toFixed(3)} (seconds since epoch)]`,
    `#[BaseTime: ${start.toFixed(3)} (seconds since epoch)]`,
    '"StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"',
    ...lines,
    "",
  ].join("\n");
}

/** What is drawn of a run by HdrHistogram's plotter, in order of preference. */
const plotted = ["ws_msg_rtt", "ws_delivery", "ws_ping", "ws_connecting"];

/** The percentile distribution of the round trip, or else of what was measured instead; in ms. */
export function hgrmReport({ trends }: RunResult): string {
  const name = plotted.find((key) => Object.hasOwn(trends, key) && trends[key]!.count > 0);
  if (name === undefined) return "# nothing was timed\n";
  const text = Trend.decode(trends[name]!.hdr).percentileDistribution();
  return `# ${name}, values in ms\n${text.trimEnd()}\n`;
}

function trendsOf({ trends, scenarios, stages }: RunResult): (readonly [string, TrendSummary])[] {
  const parts = [
    ...scenarios.map((part) => [part, "scenario"] as const),
    ...stages.map((part) => [part, "stage"] as const),
  ];
  return [
    ...Object.entries(trends),
    ...parts.flatMap(([part, kind]) =>
      Object.entries(part.trends).map(
        ([key, trend]) => [`${key}{${kind}:${part.name}}`, trend] as const,
      ),
    ),
  ].filter(([, { count }]) => count > 0);
}

/** A tag ends at a comma, and white space is best left out of it. */
function tagOf(text: string): string {
  return safeLine(text).replace(/,/g, ";").replace(/\s/g, "_");
}
