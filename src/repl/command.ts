/** Owns what a command of the prompt is, and how its arguments are read. */
import { WsctlError } from "../base/errors.js";
import { formatDuration, parseDuration } from "../base/quantity.js";
import { safeLine } from "../base/safe-text.js";
import { longestTimer } from "../base/timer.js";
import type { Desk } from "./desk.js";

/** What can be completed behind a command. */
type Completes = "file" | "profile" | readonly string[];

/** Something was given to the connection, which may take its time with it. */
export interface Sent {
  /** Settles when the system has taken it, or it is known to be lost. Nobody has to wait for it. */
  readonly fate: Promise<void>;
}

/** One command. */
export interface Command {
  readonly name: string;
  /** What follows the name; `[…]` may be left out. */
  readonly takes: string;
  /** For /help: what it does. */
  readonly summary: string;
  /** Whether others may be typed while it is at work. */
  readonly isJob?: true;
  readonly completes?: Completes;
  /** Words that may stand where a file may. */
  readonly words?: readonly string[];
  /**
   * @param rest what follows the name, without the white space around it
   * @param signal aborted when the person stops it
   */
  run(desk: Desk, rest: string, signal: AbortSignal): void | Sent | Promise<void | Sent>;
}

/** The error for arguments that are not as they have to be. */
export function misused(
  command: Pick<Command, "name" | "takes">,
  why: string,
  more = "",
): WsctlError {
  const usage = `write it like /${command.name} ${command.takes}`.trimEnd();
  return new WsctlError("WSCTL_EUSAGE", why, { hint: more === "" ? usage : `${usage}; ${more}` });
}

/** The first word, and what follows it. */
export function firstWord(text: string): readonly [word: string, rest: string] {
  const [, word = "", rest = ""] = /^(\S*)\s*([\s\S]*)$/.exec(text.trim()) ?? [];
  return [word, rest];
}

/** A duration as it is typed before something else. */
const duration = /^\d[\d.]*(?:us|µs|ms|s|m|min|h)$/;

/**
 * A duration in ms at the beginning, and what follows it; undefined when there is none.
 * @throws WsctlError WSCTL_EUSAGE for one that no timer holds
 */
export function firstDuration(
  command: Pick<Command, "name" | "takes">,
  text: string,
): readonly [ms: number | undefined, rest: string] {
  const [word, rest] = firstWord(text);
  if (!duration.test(word)) return [undefined, text];
  const ms = parseDuration(word);
  if (ms > longestTimer) {
    throw misused(command, `${word} is too long: ${formatDuration(longestTimer)} at most`);
  }
  return [ms, rest];
}

/**
 * Reads the argument of a switch: undefined when there is none, as when one asks how it stands.
 * @throws WsctlError WSCTL_EUSAGE
 */
export function onOrOff(
  command: Pick<Command, "name" | "takes">,
  rest: string,
): boolean | undefined {
  if (rest === "") return undefined;
  if (rest !== "on" && rest !== "off") {
    throw misused(command, `"${safeLine(rest, 40)}" is neither on nor off`);
  }
  return rest === "on";
}

/** The names of those settings that a command switches. */
type SwitchName = "frames" | "pretty" | "raw";

/** A command that switches a setting; without an argument it says how it stands. */
export function switchCommand(name: SwitchName, summary: string): Command {
  const command: Command = {
    name,
    takes: "[on|off]",
    summary,
    completes: ["on", "off"],
    run: ({ settings, feed, ink }, rest) => {
      settings[name] = onOrOff(command, rest) ?? settings[name];
      feed.say(ink.chalk.dim(`· ${name} ${settings[name] ? "on" : "off"}`));
    },
  };
  return command;
}
