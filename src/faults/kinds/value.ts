/** Owns values of faults that have more than one part, as people write them. */
import { WsctlError } from "../../base/errors.js";
import { parseDuration, parseSize } from "../../base/quantity.js";
import { safeLine } from "../../base/safe-text.js";
import type { Random } from "../../base/random.js";

/** A middle, and how far from it draws may lie. */
interface Spread {
  readonly middle: number;
  readonly around: number;
}

/** Refuses a value. */
export function refuse(message: string, hint: string): never {
  throw new WsctlError("WSCTL_EUSAGE", message, { hint });
}

/** `100ms±20ms`, `+-` being as good as `±`; without a second part it is that alone. */
export function parseSpread(text: string, read: (part: string) => number): Spread {
  const [middle = "", spread, ...more] = text.split(/±|\+-/);
  if (more.length > 0) refuse(`"${safeLine(text)}" has too many parts`, "write it like 100ms±20ms");
  return { middle: read(middle), around: spread === undefined ? 0 : read(spread) };
}

/** A number of a spread, evenly drawn; never below zero. */
export function draw({ middle, around }: Spread, random: Random): number {
  if (around === 0) return middle;
  return Math.max(0, middle + (random.float() * 2 - 1) * around);
}

/**
 * A pause between drops that TCP would put together again without it.
 * @throws WsctlError WSCTL_EUSAGE
 */
export function parsePause(text: string): number {
  const ms = parseDuration(text);
  if (ms >= 1) return ms;
  return refuse(
    `"${safeLine(text)}" is too short a pause`,
    "with less than 1ms TCP puts the pieces together again",
  );
}

/** Bytes per second: `10KiB`, or `10KiB/s`. */
export function parseByteRate(text: string): number {
  return parseSize(text.replace(/\/s$/, ""));
}
