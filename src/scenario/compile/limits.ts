/** Owns holding resolved values against what makes sense. */
import { WsctlError } from "../../base/errors.js";
import { formatCount, formatDuration, parseDuration } from "../../base/quantity.js";

/** The series has an entry a second: a day's are 50 MB of JSON, and much more would be no string. */
const longest = 86_400_000;

/**
 * The value, if it is within its limits; `show` writes it as people do, with its unit.
 * @throws WsctlError WSCTL_EUSAGE
 */
export function within(
  what: string,
  value: number,
  low: number,
  high: number,
  show: (value: number) => string,
): number {
  if (value >= low && value <= high) return value;
  throw new WsctlError("WSCTL_EUSAGE", `${what} is ${show(value)}`, {
    hint: `it must be from ${show(low)} to ${show(high)}`,
  });
}

/** A rate for people. */
export function perSecond(rate: number): string {
  return rate < 1 ? `${formatCount(rate * 86_400)} a day` : `${formatCount(rate)}/s`;
}

/** Reads a time of 1 ms to a day. @throws WsctlError WSCTL_EUSAGE */
export function timeOf(what: string, text: string | number): number {
  return within(what, parseDuration(String(text)), 1, longest, formatDuration);
}
