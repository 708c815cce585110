/** Owns what stands before each line: the time of day, the time since the line before, a direction. */
import type { ChalkInstance } from "chalk";
import type { Direction } from "../../session/session-events.js";

/** Columns of {@link stamp}, its last space included. */
export const stampWidth = 20;

function two(value: number): string {
  return String(value).padStart(2, "0");
}

/** The time of day, to the millisecond. */
function clock(time: number): string {
  const date = new Date(time);
  const seconds = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  return `${seconds}.${String(date.getMilliseconds()).padStart(3, "0")}`;
}

/** A short pause in at most five characters: `<1ms`, `12ms`, `1.2s`, `45s`, `12m`, `3h`. */
function pause(ms: number): string {
  if (ms < 1) return "<1ms";
  if (ms < 1000) return `${Math.floor(ms)}ms`;
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)}s`;
  if (ms < 60_000) return `${Math.round(ms / 1000)}s`;
  return ms < 3_600_000 ? `${Math.round(ms / 60_000)}m` : `${Math.round(ms / 3_600_000)}h`;
}

/** @param delta milliseconds since the line before; undefined for the first */
export function stamp(time: number, delta: number | undefined, chalk: ChalkInstance): string {
  const since = delta === undefined ? "" : `+${pause(Math.max(0, delta))}`;
  return chalk.dim(`${clock(time)} ${since.padStart(6)} `);
}

/** `→` for what we said, `←` for what they said. */
export function arrow(direction: Direction, chalk: ChalkInstance): string {
  return direction === "out" ? chalk.blueBright("→") : chalk.green("←");
}
