/** Owns the grammar of thresholds, k6's with units: `p(99)<200`, `rate>=95%`, `count==0`. */
import { WsctlError } from "../base/errors.js";
import { nearest } from "../base/nearest.js";
import { parseCount, parseDuration, parseSize } from "../base/quantity.js";
import { safeLine } from "../base/safe-text.js";
import type { Metric } from "./catalogue.js";

/*
 * threshold  = aggregate operator value             ; white space may stand between any two
 * aggregate  = "avg" / "count" / "max" / "med" / "min" / "rate" / "value"
 *            / "p" "(" number ")"                   ; 0 to 100: p(99.9)
 * operator   = "<" / "<=" / ">" / ">=" / "==" / "===" / "!="
 * value      = number [ unit ] [ "/" time ]         ; "/" only of the rate of a counter: 300/m
 *            / 1*( number time )                    ; of times, the larger units first: 1m30s
 * unit       = time                                                 ; of times; bare is ms
 *            / "B" / "kB" / "MB" / "GB" / "KiB" / "MiB" / "GiB"     ; of sizes; bare is bytes
 *            / "k" / "m"                                            ; of counts
 *            / "%"                                                  ; of shares; bare is 0 to 1
 * time       = "us" / "µs" / "ms" / "s" / "m" / "min" / "h"
 * number     = 1*DIGIT [ "." 1*DIGIT ] / "." 1*DIGIT
 */

/** What a threshold asks of a metric; `p` goes with a percentile. */
export type AggregateName = "avg" | "count" | "max" | "med" | "min" | "rate" | "value" | "p";

/** One figure of a metric: `p(99)`, `count`. */
export interface Aggregate {
  readonly name: AggregateName;
  /** Only of `p`: 0 to 100. */
  readonly percentile: number | undefined;
}

/** How the figure has to compare with the bound. */
type Operator = "<" | "<=" | ">" | ">=" | "==" | "!=";

/** A threshold, read but not yet held against a metric: the unit's meaning follows from that. */
export interface Threshold {
  readonly aggregate: Aggregate;
  readonly operator: Operator;
  /** The bound as it was written, `1.5s`. */
  readonly bound: string;
}

const names = ["avg", "count", "max", "med", "min", "rate", "value", "p"] as const;
const operators: ReadonlyMap<string, Operator> = new Map([
  ["<", "<"],
  ["<=", "<="],
  [">", ">"],
  [">=", ">="],
  ["==", "=="],
  ["===", "=="],
  ["!=", "!="],
]);
const example = "write it like p(99)<200, p(95)<=1.5s, rate>95%, rate>300/m or count==0";
const longest = 200;
const bound = /^(\d+(?:\.\d+)?|\.\d+)\s*([a-zA-Zµ%]*)(?:\s*\/\s*([a-zµ]+))?$/;

/**
 * Reads a threshold.
 * @throws WsctlError WSCTL_EUSAGE, with the column of the mistake
 */
export function parseThreshold(expression: string): Threshold {
  if (expression.length > longest) throw refuse(expression, 0, `longer than ${longest} characters`);
  const [, before = ""] = /^(\s*)/.exec(expression)!;
  const [, left = "", symbol = "", gap = "", right = ""] =
    /^\s*([^<>=!]*)([<>=!]*)(\s*)(.*)$/s.exec(expression)!;
  const aggregate = readAggregate(expression, left.trimEnd(), before.length);
  const operatorAt = before.length + left.length;
  const operator = operators.get(symbol);
  if (!operator) {
    const why = symbol === "" ? "there is no operator" : `there is no operator "${symbol}"`;
    throw refuse(expression, operatorAt, why, "operators are < <= > >= == and !=");
  }
  const value = right.trimEnd();
  if (!isBound(value)) {
    const why = value === "" ? "there is no value" : `"${safeLine(value, 40)}" is not a value`;
    throw refuse(expression, operatorAt + symbol.length + gap.length, why);
  }
  return { aggregate, operator, bound: value };
}

/**
 * Reads one figure's name, `p(99)` or `count`.
 * @throws WsctlError WSCTL_EUSAGE
 */
export function parseAggregate(text: string): Aggregate {
  return readAggregate(text, text.trim(), text.length - text.trimStart().length);
}

/** The figure's name as it is written. */
export function aggregateText({ name, percentile }: Aggregate): string {
  return name === "p" ? `p(${percentile})` : name;
}

/**
 * A bound as a number in the metric's own unit: ms, bytes, or a share from 0 to 1.
 * @throws WsctlError WSCTL_EUSAGE when it is of another unit
 */
export function boundIn(text: string, aggregate: Aggregate, metric: Metric): number {
  const [, digits = "", unit = "", per] = bound.exec(text) ?? [];
  const value = Number(digits);
  const measuredIn = unitOf(aggregate, metric);
  const isRate = aggregate.name === "rate" && metric.kind === "counter";
  if (measuredIn === "ms" && digits === "") {
    const parsed = tryParse(text, measuredIn);
    if (parsed !== undefined) return parsed;
  }
  const seconds = per === undefined ? 1 : isRate ? secondsOf(per) : undefined;
  if (digits !== "" && seconds !== undefined) {
    if (measuredIn === "share") {
      const share = unit === "" ? value : unit === "%" ? value / 100 : undefined;
      if (share !== undefined && share <= (metric.most ?? 1)) return share;
      if (unit === "" && value > 1) throw tooLarge(text, metric);
    } else if (unit === "") {
      return value / seconds;
    }
    const parsed = tryParse(`${digits}${unit}`, measuredIn);
    if (parsed !== undefined) return parsed / seconds;
  }
  throw new WsctlError("WSCTL_EUSAGE", `"${safeLine(text, 40)}" is not ${described[measuredIn]}`, {
    hint: `write it like ${exampleOf[measuredIn]}${isRate ? ", per second, or 300/m" : ""}`,
  });
}

/** How long the time is over which a rate is given; undefined for what is no unit of time. */
function secondsOf(per: string): number | undefined {
  const ms = tryParse(`1${per}`, "ms");
  return ms === undefined ? undefined : ms / 1000;
}

/** The unit that a figure of the metric has. */
export function unitOf({ name }: Aggregate, metric: Metric): Metric["unit"] {
  return name === "count" && metric.kind === "trend" ? "count" : metric.unit;
}

const comparisons: Readonly<Record<Operator, (actual: number, limit: number) => boolean>> = {
  "<": (actual, limit) => actual < limit,
  "<=": (actual, limit) => actual <= limit,
  ">": (actual, limit) => actual > limit,
  ">=": (actual, limit) => actual >= limit,
  "==": (actual, limit) => actual === limit,
  "!=": (actual, limit) => actual !== limit,
};

/** Whether the figure keeps to the bound; both in the same unit. */
export function holds(actual: number, operator: Operator, limit: number): boolean {
  return comparisons[operator](actual, limit);
}

/** A percentage without its sign, most likely: it would always hold, or never. */
function tooLarge(text: string, metric: Metric): WsctlError {
  const most = metric.most ?? 1;
  return new WsctlError(
    "WSCTL_EUSAGE",
    `"${safeLine(text, 40)}" is not a share: it is from 0 to ${most}`,
    { hint: `write ${safeLine(text, 40)}%` },
  );
}

const described: Readonly<Record<Metric["unit"], string>> = {
  ms: "a time",
  bytes: "a size",
  count: "a count",
  "per second": "a rate",
  share: "a share",
};
const exampleOf: Readonly<Record<Metric["unit"], string>> = {
  ms: "200, 200ms or 1.5s",
  bytes: "1024, 64KiB or 1MB",
  count: "100 or 10k",
  "per second": "100 or 10k",
  share: "0.95 or 95%",
};
const parsers: Readonly<Record<Metric["unit"], ((text: string) => number) | undefined>> = {
  ms: parseDuration,
  bytes: parseSize,
  count: parseCount,
  "per second": parseCount,
  share: undefined,
};

function tryParse(text: string, unit: Metric["unit"]): number | undefined {
  try {
    return parsers[unit]?.(text);
  } catch {
    return undefined;
  }
}

/** Whether it is a number with a unit that some metric can have. */
function isBound(text: string): boolean {
  const [, digits, unit = "", per] = bound.exec(text) ?? [];
  if (digits === undefined) return tryParse(text, "ms") !== undefined;
  if (per !== undefined && secondsOf(per) === undefined) return false;
  if (unit === "" || unit === "%") return true;
  // One of a whole number is enough to know the unit.
  return (["ms", "bytes", "count"] as const).some(
    (kind) => tryParse(`1${unit}`, kind) !== undefined,
  );
}

function readAggregate(source: string, text: string, at: number): Aggregate {
  const [, percent] = /^p\s*\(\s*(\d+(?:\.\d+)?|\.\d+)\s*\)$/.exec(text) ?? [];
  if (percent !== undefined && Number(percent) <= 100) {
    return { name: "p", percentile: Number(percent) };
  }
  const name = names.find((known) => known === text && known !== "p");
  if (name) return { name, percentile: undefined };
  if (/^p\b/.test(text)) {
    throw refuse(source, at, `"${safeLine(text, 40)}" is no percentile`, "write it like p(99.9)");
  }
  if (text === "") throw refuse(source, at, "it does not say what of the metric is meant");
  const [word = ""] = /^\w*/.exec(text)!;
  const near = nearest(word, names);
  throw refuse(
    source,
    at,
    `there is no "${safeLine(text, 40)}"`,
    `${near ? `did you mean ${near === "p" ? "p(99)" : near}? ` : ""}there are avg, min, med, max, p(N), count, rate and value`,
  );
}

function refuse(source: string, at: number, why: string, hint = example): WsctlError {
  // Below what cannot be shown as it is, the caret would point to the wrong place.
  const isPlain = /^[ -~]*$/.test(source) && source.length <= longest;
  return new WsctlError("WSCTL_EUSAGE", `not a threshold: ${why} (column ${at + 1})`, {
    hint,
    where: [safeLine(source), ...(isPlain ? [`${" ".repeat(at)}^`] : [])],
  });
}
