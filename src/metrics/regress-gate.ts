/** Owns the grammar of what a run may be worse by than another: `ws_msg_rtt p(99)=10%`. */
import { WsctlError } from "../base/errors.js";
import { safeLine } from "../base/safe-text.js";
import { checkAggregate, parseMetricSelector, type MetricSelector } from "./metric-selector.js";
import { boundIn, parseAggregate, type Aggregate } from "./threshold.js";

/*
 * gate      = selector aggregate "=" allowance      ; white space before the aggregate, or ":"
 * selector  = as in `metric-selector`: ws_msg_rtt, ws_msg_rtt{scenario:chat}
 * aggregate = as in `threshold`: p(99), avg, count, rate …
 * allowance = number "%"                            ; relative to the base
 *           / number [ unit ]                       ; in the metric's unit: 5ms, 10k
 *                                                   ; of shares: 1pp, percentage points
 */

/** How much worse one figure may be. */
export interface RegressGate {
  readonly selector: MetricSelector;
  readonly aggregate: Aggregate;
  readonly allowed:
    /** 0.1 is 10 % of the base. */
    | { readonly kind: "relative"; readonly share: number }
    /** In the metric's unit. */
    | { readonly kind: "absolute"; readonly amount: number };
  /** As it was written. */
  readonly text: string;
}

const longest = 700;
/**
 * Reads a gate.
 * @throws WsctlError WSCTL_EUSAGE
 */
export function parseRegressGate(text: string): RegressGate {
  const { name, figure, allowance } = cutUp(text);
  if (name === "" || figure === "" || allowance === "" || text.length > longest) {
    throw new WsctlError("WSCTL_EUSAGE", `"${safeLine(text)}" does not say what may be worse`, {
      hint: "write it like 'ws_msg_rtt p(99)=10%', 'ws_msg_rtt avg=5ms' or 'ws_msg_lost count=0'",
    });
  }
  const selector = parseMetricSelector(name);
  const aggregate = parseAggregate(figure);
  const metric = checkAggregate(selector, aggregate);
  const [, percent] = /^(\d+(?:\.\d+)?|\.\d+)\s*%$/.exec(allowance) ?? [];
  if (percent !== undefined) {
    const share = Number(percent) / 100;
    return { selector, aggregate, allowed: { kind: "relative", share }, text: text.trim() };
  }
  const [, points] = /^(\d+(?:\.\d+)?|\.\d+)\s*pp$/.exec(allowance) ?? [];
  const amount =
    points !== undefined && metric.unit === "share"
      ? Number(points) / 100
      : boundIn(allowance, aggregate, metric);
  return { selector, aggregate, allowed: { kind: "absolute", amount }, text: text.trim() };
}

/** The parts of a gate; one that is missing is empty. */
function cutUp(text: string): Record<"name" | "figure" | "allowance", string> {
  const equals = text.lastIndexOf("=");
  const left = text.slice(0, Math.max(0, equals)).trim();
  const brace = left.lastIndexOf("}");
  const space = left.search(/[\s:]/);
  const end = brace >= 0 ? brace + 1 : space < 0 ? left.length : space;
  return {
    name: left.slice(0, end),
    figure: left.slice(end).replace(/^\s*:/, "").trim(),
    allowance: equals < 0 ? "" : text.slice(equals + 1).trim(),
  };
}
