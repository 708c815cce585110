/** Owns what a new scenario is made from: the answers of a person, or flags; each is checked alone. */
import { WsctlError } from "../../base/errors.js";
import { parseCount, parseDuration, parseRate } from "../../base/quantity.js";
import { parseTarget } from "../../dial/target.js";
import { checkThreshold, parseMetricSelector } from "../../metrics/metric-selector.js";
import { parseThreshold } from "../../metrics/threshold.js";
import { parseFlagThreshold } from "../../scenario/flag-threshold.js";
import type { ShapeName } from "./shapes.js";
import type { TrafficName } from "./traffics.js";

/** Everything that a new scenario is made from, as it was written. */
export interface Answers {
  readonly target: string;
  readonly traffic: TrafficName;
  readonly shape: ShapeName;
  /** Users at once; with arrivals: at most. */
  readonly connections: string;
  readonly duration: string;
  /** Messages per second of each user. */
  readonly rate: string;
  /** New users per second; only of arrivals. */
  readonly arrivalRate: string;
  /** `ws_msg_rtt: p(99)<200` */
  readonly gates: readonly string[];
}

/** What is taken where nothing is said. */
export const usual = {
  target: "ws://127.0.0.1:8080/",
  traffic: "requests",
  shape: "ramp",
  connections: "50",
  duration: "1m",
  rate: "1/s",
  arrivalRate: "5/s",
} as const satisfies Omit<Answers, "gates">;

/** Checks of single answers; each throws WsctlError WSCTL_EUSAGE. */
export const checks = {
  target: (text: string) => void parseTarget(text),
  connections: (text: string) => within("connections", parseCount(text), 1, 1_000_000),
  duration: (text: string) =>
    within("milliseconds", parseDuration(text), 1000, 86_400_000, "it must be from 1s to 24h"),
  rate: (text: string) => within("messages per second", parseRate(text), 0.001, 100_000),
  arrivalRate: (text: string) => within("users per second", parseRate(text), 0.001, 100_000),
  gate(text: string) {
    const { metric, expression } = parseFlagThreshold(text);
    checkThreshold(parseMetricSelector(metric), parseThreshold(expression));
  },
} as const;

function within(
  what: string,
  value: number,
  low: number,
  high: number,
  hint = `it must be from ${low} to ${high}`,
): void {
  if (value >= low && value <= high) return;
  throw new WsctlError("WSCTL_EUSAGE", `${value} ${what} is not in range`, { hint });
}
