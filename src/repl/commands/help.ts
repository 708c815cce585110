/** Owns /help, which is made of the other commands. */
import { WsctlError } from "../../base/errors.js";
import { nearest } from "../../base/nearest.js";
import { safeLine } from "../../base/safe-text.js";
import { fitted } from "../char-width.js";
import type { Command } from "../command.js";

const keys: readonly (readonly [string, string])[] = [
  ["//x", "send the text /x"],
  ["Tab", "complete commands, files, variables, and JSON keys that were seen"],
  ["Up, Down, Ctrl-R", "lines typed before; search in them"],
  ["Alt-Enter", "a line break; an open JSON bracket makes Enter one"],
  ["Ctrl-C", "clear the line; stop what runs; close, and force it the second time"],
];

/** Makes `/help [COMMAND]`. */
export function helpOn(commands: () => ReadonlyMap<string, Command>): Command {
  return {
    name: "help",
    takes: "[COMMAND]",
    summary: "list the commands",
    run: ({ feed, ink: { chalk, width } }, rest) => {
      const all = commands();
      const name = rest.replace(/^\//, "");
      const chosen = all.get(name);
      if (name !== "" && !chosen) {
        const guess = nearest(name, all.keys());
        throw new WsctlError("WSCTL_EUSAGE", `there is no command /${safeLine(name, 40)}`, {
          hint: guess ? `did you mean /${guess}?` : "/help lists them",
        });
      }
      const rows = (chosen ? [chosen] : [...all.values()]).map(
        (command) => [`/${command.name} ${command.takes}`.trimEnd(), command.summary] as const,
      );
      const column = Math.min(36, Math.max(...rows.map(([usage]) => usage.length)));
      const row = ([usage, summary]: readonly [string, string]) =>
        usage.length > column || column + summary.length + 2 > width
          ? `${chalk.cyan(usage)}\n    ${chosen ? summary : fitted(summary, width - 4)}`
          : `${chalk.cyan(usage.padEnd(column))}  ${summary}`;
      const lines = rows.map(row);
      if (!chosen) {
        lines.push("", ...keys.map((key) => row([key[0], key[1]])));
      }
      feed.say(lines.join("\n"));
    },
  };
}
