/** Owns how one figure of a metric is written for people, in its unit. */
import { formatCount, formatDuration, formatSize } from "../base/quantity.js";
import { metricOf, type Metric } from "../metrics/catalogue.js";
import { unitOf, type Aggregate } from "../metrics/threshold.js";

/** A figure of a metric, such as `12.3 ms`, `64.0 KiB/s` or `99.50 %`. */
export function formatFigure(value: number, metric: string, aggregate: Aggregate): string {
  const known = metricOf(metric);
  if (!known) return formatCount(value);
  const sign = value < 0 ? "−" : "";
  const size = Math.abs(value);
  const per = aggregate.name === "rate" && known.kind === "counter" ? "/s" : "";
  const unit = unitOf(aggregate, known);
  if (metric === "ws_availability") return formatAvailability(value);
  return unit === "share" ? formatShare(value) : `${sign}${amounts[unit](size)}${per}`;
}

const amounts: Readonly<Record<Exclude<Metric["unit"], "share">, (size: number) => string>> = {
  ms: formatDuration,
  bytes: formatSize,
  count: formatCount,
  "per second": (size) => `${formatCount(size)}/s`,
};

/** What lies between two shares, for which a percentage would be taken for one of the other: `5.6 points`. */
export function formatPoints(share: number): string {
  const amount = Number((share * 100).toPrecision(2));
  return `${amount} point${Math.abs(amount) === 1 ? "" : "s"}`;
}

/** A share of which the missing part matters: with as many nines as it has, and one digit more. */
export function formatAvailability(share: number): string {
  if (share >= 1 || share <= 0) return formatShare(Math.min(1, Math.max(0, share)));
  const digits = Math.min(6, Math.max(1, Math.floor(-Math.log10(1 - share)) - 1));
  // Never more than there was.
  const percent = Math.floor(share * 100 * 10 ** digits + 1e-6) / 10 ** digits;
  return `${percent.toFixed(digits)} %`;
}

/** A share as a percentage; no share but all of it is ever written as 100 %. */
export function formatShare(share: number): string {
  const percent = share * 100;
  if (Number.isInteger(percent)) return `${percent} %`;
  const text = Math.abs(percent) < 10 ? percent.toPrecision(2) : percent.toFixed(1);
  return Number(text) >= 100 && share < 1 ? "> 99.9 %" : `${Number(text)} %`;
}
