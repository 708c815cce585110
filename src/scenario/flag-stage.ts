/** Owns a stage as one writes it in a flag: `30s:100`. */
import { WsctlError } from "../base/errors.js";
import { parseCount, parseDuration } from "../base/quantity.js";
import { safeLine } from "../base/safe-text.js";

/** A stage of a population. */
export interface FlagStage {
  readonly duration: string;
  readonly connections: string;
}

/**
 * The stage: how long it lasts, and how many connections there are at its end.
 * @throws WsctlError WSCTL_EUSAGE
 */
export function parseFlagStage(text: string): FlagStage {
  const [, duration = "", connections = ""] = /^([^:]+):([^:]+)$/.exec(text.trim()) ?? [];
  if (duration === "") {
    throw new WsctlError("WSCTL_EUSAGE", `"${safeLine(text, 40)}" is not a stage`, {
      hint: "write it like 30s:100, for 30 seconds on the way to 100 connections",
    });
  }
  parseDuration(duration);
  parseCount(connections);
  return { duration, connections };
}

/** How long stages last together, in ms. @throws WsctlError WSCTL_EUSAGE */
export function lengthOf(stages: readonly FlagStage[]): number {
  return stages.reduce((sum, { duration }) => sum + parseDuration(duration), 0);
}
