/** Owns which of a comparison's figures are shown when not all of them are asked for. */
import type { ComparedFigure, Comparison } from "../metrics/compare.js";
import { metricOf } from "../metrics/catalogue.js";

/** Told by another figure as well, or of the generator, or of no use without the rest. */
const leftOut =
  /^(?:ws_dns|ws_tcp|ws_tls|ws_upgrade|ws_(?:bytes|payload)_\w+|ws_session_duration|ws_sessions_open|ws_msg_rtt_sent|ws_schedule_lag|ws_backpressure|wsctl_\w+)$/;
/** What is told of each episode, where there are any. */
const ofRecovery =
  /^ws_(?:recovery_\d+|reconnect(?:s|_time|_attempts|_peak)|losses|given_up|downtime|availability)$/;
/** Shown whether they changed or not. */
const always = /^(?:ws_msg_rtt|ws_msgs_sent|ws_msgs_received)$/;
/** Of those the rate tells more than the count, which grows with the run. */
const asRates = /^(?:ws_msgs_\w+|ws_msg_(?:expected|answered|stamped|delivered)|ws_auto_replies)$/;

/** Figures that are shown, and how many are not. */
export interface Choice {
  readonly shown: readonly ComparedFigure[];
  readonly hidden: number;
}

/** The round trip, the throughput, and whatever else changed noticeably. */
export function chosen({ figures, recovery }: Comparison, isAll: boolean): Choice {
  if (isAll) return { shown: figures, hidden: 0 };
  const shown = figures.filter((figure) => {
    const { metric, aggregate, isNoticeable, base, now } = figure;
    if (leftOut.test(metric) || isSaidTwice(figure)) return false;
    if (recovery && ofRecovery.test(metric)) return false;
    // Of a percentile the others are wanted beside it.
    const isKin = figures.some((one) => one.metric === metric && one.isNoticeable);
    const isOfOne = base === undefined || now === undefined;
    const isTrend = metricOf(metric)?.kind === "trend" && aggregate.name !== "count";
    return always.test(metric) || isNoticeable || isOfOne || (isTrend && isKin);
  });
  // What users feel first.
  const rank = ({ metric }: ComparedFigure): number => (metric === "ws_msg_rtt" ? 0 : 1);
  return {
    shown: shown.toSorted((a, b) => rank(a) - rank(b)),
    hidden: figures.length - shown.length,
  };
}

function isSaidTwice({ metric, aggregate: { name } }: ComparedFigure): boolean {
  if (name === "min" || name === "avg") return true;
  if (metricOf(metric)?.kind !== "counter") return false;
  return asRates.test(metric) ? name === "count" : name === "rate";
}
