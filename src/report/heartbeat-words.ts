/** Owns what is said of pings: whose were answered, who was found dead, and after how long. */
import { formatCount } from "../base/quantity.js";
import { parseSeriesKey } from "../metrics/catalogue.js";
import type { RunResult } from "../metrics/run-result.js";
import { totalOf } from "./figures-of.js";
import { trendWords } from "./profile-words.js";

/** Sentences about the pings of a run; none where nobody pinged. */
export function heartbeatWords(result: RunResult): string[] {
  return [...ours(result), ...theirs(result)];
}

/** Our own pings, and the peers that did not answer. */
function ours(result: RunResult): string[] {
  const { trends } = result;
  const sent = totalOf(result, "ws_pings_sent");
  if (sent === 0) return [];
  const { ws_ping: pong, ws_dead_detected: dead } = trends;
  const answered = pong?.count ?? 0;
  const took = pong && answered > 0 ? `, in ${trendWords(pong)}` : "";
  const silent = dead?.count ?? 0;
  const cut = cutForPongs(result.totals);
  return [
    `our pings: ${formatCount(sent)} sent, ${formatCount(answered)} answered${took}`,
    ...(dead && silent > 0
      ? [
          `${connections(silent)} fell silent, found dead ${trendWords(dead)} after the last sign of life`,
        ]
      : []),
    ...(cut > silent
      ? [
          `${connections(cut - silent)} cut for want of a pong, though other data came or was left unread`,
        ]
      : []),
  ];
}

/** The server's pings, and what it did where no pong came. */
function theirs(result: RunResult): string[] {
  const received = totalOf(result, "ws_pings_received");
  if (received === 0) return [];
  const answered = totalOf(result, "ws_pongs_sent");
  const left = received - answered;
  const patience = result.trends["ws_pong_patience"];
  const said = left === 0 ? "all answered" : `${formatCount(left)} of them left unanswered`;
  const line = `the server's pings: ${formatCount(received)} received, ${said}`;
  if (left === 0) return [line];
  return [
    line,
    patience && patience.count > 0
      ? `the server ended ${connections(patience.count)} that did not answer, ${trendWords(patience)} after the first such ping`
      : "the server ended no connection for that",
  ];
}

/** Connections that we cut because no pong came. */
function cutForPongs(totals: RunResult["totals"]): number {
  return Object.entries(totals).reduce((sum, [key, count]) => {
    const { name, tags } = parseSeriesKey(key);
    return name === "ws_close" && tags["cause"] === "no-pong" ? sum + count : sum;
  }, 0);
}

function connections(count: number): string {
  return `${formatCount(count)} connection${count === 1 ? "" : "s"}`;
}
