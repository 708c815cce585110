/** Owns a threshold as one writes it in a flag: `ws_msg_rtt: p(99)<200`. */
import { WsctlError } from "../base/errors.js";
import { safeLine } from "../base/safe-text.js";
import type { Scenario } from "./scenario.js";

type Thresholds = NonNullable<NonNullable<Scenario["config"]>["thresholds"]>;

/**
 * The thresholds with those of flags behind them.
 * @throws WsctlError WSCTL_EUSAGE for one without a metric
 */
export function thresholdsOfFlags(written: Thresholds, given: readonly string[]): Thresholds {
  const all = new Map(Object.entries(written));
  for (const text of given) {
    const { metric, expression } = parseFlagThreshold(text);
    const before = all.get(metric) ?? [];
    all.set(metric, [...(Array.isArray(before) ? before : [before]), expression]);
  }
  return Object.fromEntries(all);
}

/*
 * threshold = selector [ ":" ] condition            ; without the colon: white space, or a brace
 * selector  = as in `metrics/metric-selector`: ws_msg_rtt, ws_msg_rtt{scenario:chat}
 * condition = as in `metrics/threshold`: p(99)<200
 */
const shape = /^\s*([^\s:{}()<>=!]+(?:\s*\{[^{}]*\}|(?=[:\s])))\s*:?\s*([^\s:].*)$/s;

/**
 * The metric, with its tags, and the condition on it; whether they make sense is not looked at.
 * @throws WsctlError WSCTL_EUSAGE
 */
export function parseFlagThreshold(text: string): { metric: string; expression: string } {
  const [, metric = "", expression = ""] = shape.exec(text) ?? [];
  if (metric === "") {
    throw new WsctlError("WSCTL_EUSAGE", `"${safeLine(text, 80)}" is not a threshold`, {
      hint: "write it like --threshold 'ws_msg_rtt: p(99)<200'",
    });
  }
  return { metric: metric.trim(), expression: expression.trim() };
}
