/** Owns how guards read their bounds: quantities that would be pointless at zero. */
import { WsctlError } from "../../base/errors.js";
import { formatDuration, parseCount, parseDuration, parseRate } from "../../base/quantity.js";
import { longestTimer } from "../../base/timer.js";

function aboveZero(value: number, text: string): number {
  if (value > 0) return value;
  throw new WsctlError("WSCTL_EUSAGE", `"${text}" is not above zero`, {
    hint: "leave the flag out to be without this guard",
  });
}

/**
 * A duration above zero that a timer can wait, in ms.
 * @throws WsctlError WSCTL_EUSAGE
 */
export function parsePeriod(text: string): number {
  const period = aboveZero(parseDuration(text), text);
  if (period <= longestTimer) return period;
  throw new WsctlError("WSCTL_EUSAGE", `"${text}" is too long`, {
    hint: `at most ${formatDuration(longestTimer)}`,
  });
}

/**
 * A whole number above zero.
 * @throws WsctlError WSCTL_EUSAGE
 */
export function parseAllowance(text: string): number {
  return aboveZero(parseCount(text), text);
}

/**
 * A rate above zero, per second.
 * @throws WsctlError WSCTL_EUSAGE
 */
export function parseAllowedRate(text: string): number {
  return aboveZero(parseRate(text), text);
}
