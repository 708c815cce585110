/** Owns what a command of the prompt is, and how its arguments are read. */
import { WsctlError } from "../base/errors.js";
import { safeLine } from "../base/safe-text.js";
import type { Desk } from "./desk.js";

/** What can be completed behind a command. */
type Completes = "file" | "profile" | readonly string[];

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
  /**
   * @param rest what follows the name, without the white space around it
   * @param signal aborted when the person stops it
   */
  run(desk: Desk, rest: string, signal: AbortSignal): void | Promise<void>;
}

/** The error for arguments that are not as they have to be. */
export function misused(command: Pick<Command, "name" | "takes">, why: string): WsctlError {
  return new WsctlError("WSCTL_EUSAGE", why, {
    hint: `write it like /${command.name} ${command.takes}`.trimEnd(),
  });
}

/** The first word, and what follows it. */
export function firstWord(text: string): readonly [word: string, rest: string] {
  const [, word = "", rest = ""] = /^(\S*)\s*([\s\S]*)$/.exec(text.trim()) ?? [];
  return [word, rest];
}

/** The names of those settings that a command switches. */
type SwitchName = "frames" | "pretty" | "raw";

/** A command that switches a setting; without an argument it goes to the other side. */
export function switchCommand(name: SwitchName, summary: string): Command {
  const command: Command = {
    name,
    takes: "[on|off]",
    summary,
    completes: ["on", "off"],
    run: ({ settings, feed, ink }, rest) => {
      if (!["", "on", "off"].includes(rest)) {
        throw misused(command, `"${safeLine(rest, 40)}" is neither on nor off`);
      }
      settings[name] = rest === "" ? !settings[name] : rest === "on";
      feed.say(ink.chalk.dim(`· ${name} ${settings[name] ? "on" : "off"}`));
    },
  };
  return command;
}
