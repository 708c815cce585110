/** Owns what a typed line means: a command, an alias, or a message. */
import { WsctlError } from "../base/errors.js";
import { nearest } from "../base/nearest.js";
import { safeLine } from "../base/safe-text.js";
import { type Command, firstWord, type Sent } from "./command.js";
import { commands } from "./commands.js";
import type { Desk } from "./desk.js";

/** A message, or a command with its arguments. */
export type Said = { readonly text: string } | { readonly command: Command; readonly rest: string };

/** How many aliases may stand for one another. */
const deepest = 10;

/** The alias's text with `$1` … `$9` and `$*` filled in; without any, the arguments follow it. */
function expanded(text: string, rest: string): string {
  const words = rest.split(/\s+/);
  if (!/\$[1-9*]/.test(text)) return rest === "" ? text : `${text} ${rest}`;
  return text.replace(/\$([1-9*])/g, (_hole, which: string) =>
    which === "*" ? rest : (words[Number(which) - 1] ?? ""),
  );
}

/**
 * Reads a line. `/name` is a command, `//x` the text `/x`, everything else a text.
 * @throws WsctlError WSCTL_EUSAGE for a command that there is not
 */
export function said(line: string, aliases: ReadonlyMap<string, string>): Said {
  let typed = line;
  for (let depth = 0; ; depth++) {
    if (typed.startsWith("//")) return { text: typed.slice(1) };
    if (!typed.startsWith("/")) return { text: typed };
    const [word, rest] = firstWord(typed);
    const name = word.slice(1);
    const command = commands.get(name);
    if (command) return { command, rest: rest.trim() };
    const alias = aliases.get(name);
    if (alias === undefined || depth >= deepest) throw unknown(name, aliases);
    typed = expanded(alias, rest);
  }
}

function unknown(name: string, aliases: ReadonlyMap<string, string>): WsctlError {
  const guess = nearest(name, [...commands.keys(), ...aliases.keys()]);
  return new WsctlError("WSCTL_EUSAGE", `there is no command /${safeLine(name, 40)}`, {
    hint: `${guess === undefined ? "/help lists them" : `did you mean /${guess}?`}; //${safeLine(name, 20)} sends it as a text`,
  });
}

/** Characters of a text that is read as JSON, to say when it is none. */
const longestChecked = 1024 * 1024;

/** Whether someone may take it for JSON who has mistyped. */
function isBrokenJson(text: string): boolean {
  if (!/^\s*[{[]/.test(text) || text.length > longestChecked) return false;
  try {
    JSON.parse(text);
    return false;
  } catch {
    return true;
  }
}

/**
 * Does what a line says, and waits until it is done.
 * @returns what was sent, if it sends something itself
 * @throws WsctlError
 */
export async function perform(what: Said, desk: Desk, signal: AbortSignal): Promise<void | Sent> {
  if ("command" in what) return what.command.run(desk, what.rest, signal);
  const { link, variables, feed, ink } = desk;
  const text = variables.fill(what.text);
  const sent = link.send(link.messageOf(text));
  if (!link.activeLens && isBrokenJson(text)) {
    feed.say(ink.chalk.dim("· sent as it is; it looks like JSON, and is none"));
  }
  return sent;
}
