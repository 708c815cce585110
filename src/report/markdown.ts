/** Owns the report of a run as Markdown, for a job's summary or a comment on a change. */
import { formatCount, formatDuration, formatSize } from "../base/quantity.js";
import type { RunPart, RunResult } from "../metrics/run-result.js";
import { fanOutMarkdown } from "./fan-out.js";
import { deliveryMarkdown } from "./delivery.js";
import { failedSteps, otherErrors } from "./failed-steps.js";
import { targetsOf, totalOf } from "./figures-of.js";
import { failureInWords } from "./gates.js";
import { cellCode, markdownCode, markdownTable, markdownText } from "./markdown-text.js";
import { loadInWords } from "./model-in-words.js";
import { partColumns, partFigures } from "./parts.js";
import { profileBlocks } from "./profiles-markdown.js";
import { reasonsOf } from "./reasons.js";
import { reconnectMarkdown } from "./reconnect-markdown.js";
import { thresholdSentence, thresholdWords } from "./threshold-words.js";
import { verdictOf } from "./verdict.js";

/** So many rows of what a run may have any number of. */
const mostRows = 50;

/** The document; ends with a newline. */
export function markdownReport(result: RunResult): string {
  const blocks = [
    [`## ${headline(result)}`],
    [loadInWords(result), ...targets(result)],
    validity(result),
    thresholds(result),
    figures(result),
    latency(result),
    parts("Scenarios", result.scenarios),
    parts("Stages", result.stages),
    ...profileBlocks(result),
    fanOutMarkdown(result),
    deliveryMarkdown(result),
    ...reconnectMarkdown(result),
    steps(result),
    errors(result),
  ];
  return `${blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n")}\n`;
}

function headline(result: RunResult): string {
  const { kind, words } = verdictOf(result);
  return `${{ interrupted: "⚠️", invalid: "⚠️", failed: "❌", passed: "✅" }[kind]} wsctl: ${words}`;
}

function targets({ plan }: RunResult): string[] {
  const urls = targetsOf(plan);
  return urls.length === 0
    ? []
    : [
        `on ${urls
          .slice(0, 10)
          .map((url) => markdownCode(url))
          .join(", ")}`,
      ];
}

function validity(result: RunResult): string[] {
  return reasonsOf(result).map(({ code, detail, remedy }) => {
    return `- ${markdownCode(code)}: ${markdownText(detail, 1000)} (${markdownText(remedy)})`;
  });
}

function thresholds({ thresholds: all }: RunResult): string[] {
  if (all.length === 0) return [];
  const rows = all.map((threshold) => {
    const { name } = thresholdWords(threshold);
    const said = markdownText(thresholdSentence(threshold));
    return [threshold.ok ? "✅" : "❌", cellCode(name, 1000), said];
  });
  return ["### Thresholds", "", ...markdownTable(["", "threshold", "measured"], rows, [])];
}

function figures(result: RunResult): string[] {
  const seconds = result.run.trafficFor / 1000;
  const { inTraffic } = result.run;
  const rate = (count: number): string => (seconds > 0 ? `${formatCount(count / seconds)}/s` : "–");
  const rows = [
    ["connections opened", formatCount(totalOf(result, "ws_sessions")), ""],
    ["failed to open", formatCount(totalOf(result, "ws_connect_failed")), ""],
    ["messages sent", formatCount(totalOf(result, "ws_msgs_sent")), rate(inTraffic.sent)],
    [
      "messages received",
      formatCount(totalOf(result, "ws_msgs_received")),
      rate(inTraffic.received),
    ],
    ["bytes sent", formatSize(totalOf(result, "ws_bytes_sent")), ""],
    ["bytes received", formatSize(totalOf(result, "ws_bytes_received")), ""],
    ...(
      [
        ["ws_msg_timeout", "timed out"],
        ["ws_msg_disconnected", "unanswered when the connection ended"],
        ["ws_msg_lost", "lost"],
        ["ws_msg_duplicate", "duplicate"],
        ["ws_msg_reordered", "reordered"],
        ["ws_msg_corrupt", "corrupt"],
      ] as const
    ).flatMap(([name, words]) => {
      const count = totalOf(result, name);
      return count > 0 ? [[words, formatCount(count), ""]] : [];
    }),
  ];
  return markdownTable(["", "count", "rate"], rows, ["left", "right", "right"]);
}

function latency({ trends }: RunResult): string[] {
  const shown = ["ws_msg_rtt", "ws_msg_rtt_sent", "ws_schedule_lag", "ws_delivery"]
    .concat(["ws_connecting", "ws_ping", "ws_reconnect_time"])
    .flatMap((name) => {
      const trend = Object.hasOwn(trends, name) ? trends[name] : undefined;
      return trend && trend.count > 0 ? [{ name, trend }] : [];
    });
  if (shown.length === 0) return [];
  const columns = ["p50", "p90", "p95", "p99", "p999", "max"] as const;
  return markdownTable(
    ["", ...columns.map((name) => (name === "p999" ? "p99.9" : name))],
    shown.map(({ name, trend }) =>
      [`\`${name}\``].concat(columns.map((column) => formatDuration(trend[column]))),
    ),
    ["left", ...columns.map(() => "right" as const)],
  );
}

function parts(title: string, all: readonly RunPart[]): string[] {
  if (all.length < 2) return [];
  const rows = all
    .slice(0, mostRows)
    .map((part) => [cellCode(part.name)].concat(partFigures(part)));
  const align = ["left" as const, ...partColumns.map(() => "right" as const)];
  return [`### ${title}`, "", ...markdownTable(["", ...partColumns], rows, align)];
}

function steps(result: RunResult): string[] {
  const failed = failedSteps(result);
  if (failed.length === 0) return [];
  const rows = failed
    .slice(0, mostRows)
    .map((step) => [
      cellCode(`${step.scenario}: ${step.step}`),
      failureInWords(step),
      cellCode(step.example ?? ""),
    ]);
  const more = failed.length - rows.length;
  return [
    "### Steps that failed",
    "",
    ...markdownTable(["step", "", "example"], rows, []),
    ...(more > 0 ? ["", `and ${formatCount(more)} more`] : []),
  ];
}

function errors(result: RunResult): string[] {
  const all = otherErrors(result);
  if (all.length === 0) return [];
  const rows = all
    .slice(0, mostRows)
    .map(({ what, count, example }) => [markdownText(what), formatCount(count), cellCode(example)]);
  const table = markdownTable(["what", "count", "example"], rows, ["left", "right", "left"]);
  return ["### Errors", "", ...table];
}
