/** Owns a threshold as one writes it in a flag: `ws_msg_rtt: p(99)<200`. */
import { WsctlError } from "../base/errors.js";
import { safeLine } from "../base/safe-text.js";
import { ScenarioMistakes } from "./mistake.js";
import type { Scenario } from "./scenario.js";

type Thresholds = NonNullable<NonNullable<Scenario["config"]>["thresholds"]>;

/**
 * The thresholds with those of flags behind them.
 * @throws WsctlError WSCTL_EUSAGE for one without a metric
 */
export function thresholdsOfFlags(written: Thresholds, given: readonly string[]): Thresholds {
  const all = new Map(Object.entries(written));
  const refused: WsctlError[] = [];
  for (const text of given) {
    try {
      const { metric, expression } = parseFlagThreshold(text);
      const before = all.get(metric) ?? [];
      all.set(metric, [...(Array.isArray(before) ? before : [before]), expression]);
    } catch (error) {
      if (!(error instanceof WsctlError)) throw error;
      refused.push(error);
    }
  }
  const [first, ...others] = refused;
  if (first && others.length === 0) throw first;
  if (first) throw mistakesOfFlags(refused.map((error) => ["--threshold", error]));
  return Object.fromEntries(all);
}

/** The error that tells what is wrong with several flags. */
export function mistakesOfFlags(
  refused: readonly (readonly [flag: string, error: WsctlError])[],
): ScenarioMistakes {
  const mistakes = refused.map(([flag, { message, hint }]) => ({
    place: flag,
    line: "",
    caret: "",
    message,
    hint,
  }));
  return new ScenarioMistakes("the flags", mistakes);
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
