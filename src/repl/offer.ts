/** Owns what can be typed next: the completions of a line, and the hint behind it. */
import { keyStart } from "./brackets.js";
import { type Completion, startingWith } from "./completion.js";
import { commands } from "./commands.js";
import type { Desk } from "./desk.js";
import { pathsLike } from "./files.js";
import type { History } from "./history.js";
import type { JsonKeys } from "./json-keys.js";

/** Where the offers come from. */
export interface Offered {
  readonly desk: Desk;
  readonly keys: JsonKeys;
  readonly history: History;
  readonly profiles: readonly string[];
}

/** Nothing is offered for lines that are longer. */
const longest = 20_000;

function argumentOf(
  line: string,
  cursor: number,
  { desk, profiles }: Offered,
): Completion | undefined {
  const [typed, name = ""] = /^\/([\w-]+)\s+/.exec(line) ?? [];
  const command = commands.get(name);
  if (typed === undefined || cursor < typed.length) return undefined;
  const from = typed.length;
  if (name === "help") return startingWith(line, from, cursor, commands.keys());
  if (name === "capture" || name === "set") {
    return startingWith(line, from, cursor, desk.variables.values.keys());
  }
  if (!command?.completes) return undefined;
  if (command.completes === "profile") {
    return startingWith(
      line,
      from,
      cursor,
      profiles.map((profile) => `@${profile}`),
    );
  }
  if (command.completes !== "file") return startingWith(line, from, cursor, command.completes);
  const start = line[from] === "@" ? from + 1 : from;
  if (name === "binary" && start === from) return undefined;
  const begun = line.slice(start, cursor);
  const words = (command.words ?? []).filter((word) => word.startsWith(begun));
  const options = [...words, ...pathsLike(begun)];
  return options.length > 0 ? { from: start, options } : undefined;
}

/** What the part at the cursor could be. */
export function complete(line: string, cursor: number, offered: Offered): Completion | undefined {
  if (line.length > longest) return undefined;
  const { desk, keys } = offered;
  const before = line.slice(0, cursor);
  if (/^\/[\w-]*$/.test(before)) {
    const names = [...commands.keys(), ...desk.aliases.keys()];
    return startingWith(
      line,
      0,
      cursor,
      names.map((name) => `/${name} `),
    );
  }
  const hole = /\{\{\s*([\w$.-]*)$/.exec(before);
  if (hole) {
    const from = cursor - (hole[1] ?? "").length;
    return startingWith(line, from, cursor, desk.variables.names());
  }
  return argumentOf(line, cursor, offered) ?? member(line, cursor, keys) ?? key(line, cursor, keys);
}

/** The next step of a JSONPath: those of the keys seen that can stand behind a dot. */
function member(line: string, cursor: number, keys: JsonKeys): Completion | undefined {
  const path = /^\/(?:capture|expect|wait|filter)\s[^"'/]*\$(?:[\w.[\]*]*\.)?(\w*)$/;
  const before = line.slice(0, cursor);
  const [, begun] = path.exec(before) ?? [];
  if (begun === undefined || !before.endsWith(`.${begun}`)) return undefined;
  const words = keys.names().filter((name) => /^[A-Za-z_]\w*$/.test(name));
  return startingWith(line, cursor - begun.length, cursor, words);
}

/** A key of JSON, with what follows it unless that stands there. */
function key(line: string, cursor: number, keys: JsonKeys): Completion | undefined {
  const from = keyStart(line.slice(0, cursor));
  if (from === undefined) return undefined;
  const after = /^"?\s*:/.test(line.slice(cursor)) ? "" : ": ";
  const words = keys.names().map((name) => `"${name}"`);
  const found = startingWith(line, from, cursor, words);
  return found && { from, options: found.options.map((each) => each + after) };
}

/** What is shown behind the line: how the command goes on. */
export function suggest(line: string): string {
  const [, name = "", rest] = /^\/([\w-]+)(\s*)$/.exec(line) ?? [];
  const command = commands.get(name);
  if (!command) return "";
  const usage = command.takes === "" ? "" : `${rest === "" ? " " : ""}${command.takes}`;
  return `${usage}  ${command.summary}`;
}
