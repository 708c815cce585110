/** Owns the report of a run as a person reads it on a terminal. */
import { formatCount, formatDuration, formatSize } from "../base/quantity.js";
import { safeLine } from "../base/safe-text.js";
import { describeCloseCode } from "../frame/close.js";
import { parseSeriesKey } from "../metrics/catalogue.js";
import type { RunResult } from "../metrics/run-result.js";
import { Trend, type TrendSummary } from "../metrics/trend.js";
import { deliverySection } from "./delivery.js";
import { conservationSection, generatorSection, verdictSection } from "./evidence.js";
import { histogram } from "./drawing.js";
import { fanOutSection } from "./fan-out.js";
import { otherErrors } from "./failed-steps.js";
import { targetsOf, totalOf } from "./figures-of.js";
import { expectationSection, thresholdSection } from "./gates.js";
import type { Ink } from "./ink.js";
import { latencyTable } from "./latency-table.js";
import { loadInWords, usersInWords } from "./model-in-words.js";
import { scenarioSection, stageSection } from "./parts.js";
import { reconnectSections } from "./reconnect.js";
import { profileSection } from "./profiles.js";
import { factLines, type Section } from "./section.js";
import { heartbeatSection, slowSection } from "./slow-consumers.js";
import { wrapped } from "./wrapped.js";

const bins = 14;

/** Titles stand in a margin, or where there is no room for one, on a line of their own. */
const wideMargin = 17;
const narrowMargin = 4;
const wide = 100;

/** No text from outside takes more than this of one line, nor a line of its own. */
const longest = 1000;

/** The whole report; ends with a newline. */
export function textReport(result: RunResult, page: Ink): string {
  const margin = page.width >= wide ? wideMargin : narrowMargin;
  const ink: Ink = { ...page, width: page.width - margin };
  const sections: Section[] = [
    loadSection(result, ink),
    connectionSection(result),
    messageSection(result),
    latencySection(result, ink),
    scenarioSection(result, ink),
    stageSection(result, ink),
    profileSection(result, ink),
    slowSection(result),
    heartbeatSection(result),
    deliverySection(result, ink),
    fanOutSection(result, ink),
    ...reconnectSections(result, ink),
    expectationSection(result, ink),
    closeSection(result, ink),
    errorSection(result, ink),
    conservationSection(result, ink),
    generatorSection(result, ink),
    thresholdSection(result, ink),
    verdictSection(result, ink),
  ];
  const blocks = sections
    .filter(({ lines }) => lines.length > 0)
    .map((section) => block(section, margin, ink));
  return `\n${blocks.join("\n\n")}\n\n`;
}

function block({ title, lines }: Section, margin: number, { chalk, width }: Ink): string {
  const body = lines
    .flatMap((line) => wrapped(line, width))
    .map((line) => `${" ".repeat(margin)}${line}`.trimEnd());
  if (margin === narrowMargin) return [`  ${chalk.bold(title)}`, ...body].join("\n");
  const [first = "", ...rest] = body;
  return [`  ${chalk.bold(title.padEnd(margin - 2))}${first.slice(margin)}`, ...rest].join("\n");
}

function total(result: RunResult, key: string): number {
  return result.totals[key] ?? 0;
}

function loadSection(result: RunResult, { width }: Ink): Section {
  const { run, plan, env } = result;
  const targets = targetsOf(plan);
  const { handshake } = run;
  const server = [handshake?.status, handshake?.server && `server ${handshake.server}`]
    .concat(handshake?.tls, handshake?.subprotocol && `subprotocol ${handshake.subprotocol}`)
    .filter((fact) => fact !== undefined);
  const harmless = (facts: readonly string[]): string[] =>
    factLines(
      facts.map((fact) => safeLine(fact, longest)),
      width,
    );
  return {
    title: "load",
    lines: [
      loadInWords(result),
      ...(run.scenario === undefined ? [] : [safeLine(`scenario ${run.scenario}`, longest)]),
      ...targets.map((target) => safeLine(target, longest)),
      ...harmless(server),
      ...harmless([
        `wsctl ${env.wsctl}`,
        `Node ${env.node}`,
        env.os,
        `${env.cores} cores`,
        run.startedAt,
      ]),
    ],
  };
}

function connectionSection(result: RunResult): Section {
  const failed = totalOf(result, "ws_connect_failed");
  const opened = total(result, "ws_sessions");
  const people = usersInWords(result);
  // Users come and go, and each may open any number of connections.
  const pending = people !== undefined ? 0 : Number(result.plan["connections"]) - opened - failed;
  const failures = Object.entries(result.totals).flatMap(([key, count]) => {
    const { name, tags } = parseSeriesKey(key);
    if (name !== "ws_connect_failed") return [];
    return [
      `${formatCount(count)} × ${tags["reason"] ?? "other causes"}${tags["status"] ? ` ${tags["status"]}` : ""}`,
    ];
  });
  const connecting = result.trends["ws_connecting"];
  const phase = (name: string): string[] => {
    const trend = result.trends[name];
    return trend ? [`${name.slice(3)} ${formatDuration(trend.p50)}`] : [];
  };
  return {
    title: "connections",
    lines: [
      `${formatCount(opened)} opened, ${formatCount(failed)} failed` +
        (pending > 0 ? `, ${formatCount(pending)} not opened when the run was ended` : "") +
        (failures.length > 0 ? ` (${safeLine(failures.join(", "), longest)})` : ""),
      ...(people === undefined ? [] : [people]),
      ...(connecting
        ? [
            `opened in p50 ${formatDuration(connecting.p50)}, p99 ${formatDuration(connecting.p99)}, max ${formatDuration(connecting.max)}`,
            `phases p50: ${["ws_dns", "ws_tcp", "ws_tls", "ws_upgrade"].flatMap(phase).join(" → ")}`,
          ]
        : []),
    ],
  };
}

function messageSection(result: RunResult): Section {
  const seconds = result.run.trafficFor / 1000;
  if (seconds === 0 && result.run.warmupFor === undefined) return { title: "messages", lines: [] };
  const line = (direction: "sent" | "received"): string => {
    const messages = total(result, `ws_msgs_${direction}`);
    const bytes = total(result, `ws_bytes_${direction}`);
    const { inTraffic } = result.run;
    const flow = direction === "sent" ? inTraffic.bytesSent : inTraffic.bytesReceived;
    // What ended in its warm-up has counts, and no rates.
    const [rate, flowRate] =
      seconds === 0
        ? ["–", "–"]
        : [`${formatCount(inTraffic[direction] / seconds)}/s`, `${formatSize(flow / seconds)}/s`];
    return (
      `${direction.padEnd(9)}${formatCount(messages).padStart(12)}${rate.padStart(14)}` +
      `${formatSize(bytes).padStart(14)}${flowRate.padStart(15)}`
    );
  };
  const odd = (
    [
      ["ws_msg_unmatched", "received without a request"],
      ["ws_msg_extra", "further replies to answered requests"],
      ["ws_auto_replies", "answered at once by rule, kept out of requests and replies"],
      ["ws_msg_unsent", "due on connections that were not open"],
      ["ws_msg_overdue", "due and not sent in time"],
    ] as const
  ).flatMap(([key, words]) =>
    total(result, key) > 0
      ? [`${formatCount(total(result, key))} ${words}${byPlan(result, key)}`]
      : [],
  );
  return { title: "messages", lines: [line("sent"), line("received"), ...odd] };
}

/** How many messages could not be sent because the plan itself had cut the connection. */
function byPlan(result: RunResult, key: string): string {
  const planned = key === "ws_msg_unsent" ? total(result, "ws_msg_unsent_planned") : 0;
  if (planned === 0) return "";
  const isAll = planned === total(result, key);
  return `, ${isAll ? "all of them" : `${formatCount(planned)} of them`} on ones that the plan had ended`;
}

function latencySection(result: RunResult, ink: Ink): Section {
  const rtt: TrendSummary | undefined = result.trends["ws_msg_rtt"];
  if (!rtt || rtt.count === 0) return { title: "latency", lines: notCorrelated(result, ink) };
  const rows = ["ws_msg_rtt", "ws_msg_rtt_sent", "ws_schedule_lag"].flatMap((name) => {
    const trend = result.trends[name];
    return trend ? [{ name, trend }] : [];
  });
  return {
    title: "latency",
    lines: [
      ...latencyTable(rows, ink),
      ink.chalk.dim("ws_msg_rtt is timed from the intended send: what a user feels"),
      ink.chalk.dim("ws_msg_rtt_sent from the actual write: what the server did"),
      "",
      ...histogram(Trend.decode(rtt.hdr).bins(bins), ink),
    ],
  };
}

const stampRemedy =
  "messages hold stamps: correlate: { by: stamp } finds the reply that brings one back";

/** That there is no latency, when nobody asked which reply belongs to which request. */
function notCorrelated({ run, plan, totals }: RunResult, { chalk }: Ink): string[] {
  const { by } = Object(plan["correlate"]) as { by?: unknown };
  if (by !== "none" || run.trafficFor === 0 || !((totals["ws_msgs_sent"] ?? 0) > 0)) return [];
  const lines = ["nothing was correlated (correlate: none), so there is no latency to report"];
  // The stamps are there; only nobody looks for them.
  if ((totals["ws_msg_stamped"] ?? 0) > 0) lines.push(stampRemedy);
  return lines.map((line) => chalk.dim(line));
}

function closeSection(result: RunResult, { chalk }: Ink): Section {
  const closes = Object.entries(result.totals).flatMap(([key, count]) => {
    const { name, tags } = parseSeriesKey(key);
    if (name !== "ws_close") return [];
    const cause = tags["cause"] ? ` (${tags["cause"]})` : "";
    // What was counted together has no code.
    if (tags["code"] === undefined) {
      return [{ count, text: `${formatCount(count)} × other codes`, meaning: "" }];
    }
    const text = `${formatCount(count)} × ${tags["code"]} by ${tags["by"]}${cause}`;
    return [{ count, text, meaning: describeCloseCode(Number(tags["code"])) }];
  });
  return {
    title: "closes",
    lines: closes
      .toSorted((a, b) => b.count - a.count)
      .map(({ text, meaning }) => `${safeLine(text, longest)}  ${chalk.dim(meaning)}`.trimEnd()),
  };
}

function errorSection(result: RunResult, { chalk }: Ink): Section {
  return {
    title: "errors",
    lines: otherErrors(result).map(
      ({ what, count, example }) =>
        `${chalk.red(`${formatCount(count)} × ${safeLine(what)}`)}  ${safeLine(example, longest)}`,
    ),
  };
}
