/** Owns what can be typed next: the completions of a line, and the hint behind it. */
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

const noOptions: readonly string[] = [];

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
  const options = pathsLike(line.slice(start, cursor));
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
  const found = argumentOf(line, cursor, offered);
  if (found) return found;
  const key = /[{,]\s*("[^"\\]*)$/.exec(before);
  if (!key) return undefined;
  const from = cursor - (key[1] ?? "").length;
  // What follows a key is put in as well, unless it stands there.
  const after = /^"?\s*:/.test(line.slice(cursor)) ? "" : ": ";
  const options = startingWith(line, from, cursor, keys.quoted())?.options ?? noOptions;
  return options.length > 0 ? { from, options: options.map((each) => each + after) } : undefined;
}

/** What is shown behind the line: how the command goes on. */
export function suggest(line: string): string {
  const [, name = "", rest] = /^\/([\w-]+)(\s*)$/.exec(line) ?? [];
  const command = commands.get(name);
  if (!command) return "";
  const usage = command.takes === "" ? "" : `${rest === "" ? " " : ""}${command.takes}`;
  return `${usage}  ${command.summary}`;
}
