/** Owns /help, which is made of the other commands. */
import { WsctlError } from "../../base/errors.js";
import { nearest } from "../../base/nearest.js";
import { safeLine } from "../../base/safe-text.js";
import type { Ink } from "../../report/ink.js";
import { fittedWords } from "../char-width.js";
import type { Command } from "../command.js";
import { hanging } from "../hanging.js";

type Row = readonly [what: string, means: string];

const keys: readonly Row[] = [
  ["//x", "send the text /x"],
  ["Tab", "complete commands, files, variables, and JSON keys that were seen"],
  ["Up, Down, Ctrl-R", "lines typed before; search in them"],
  ["Alt-Enter", "a line break; an open JSON bracket makes Enter one"],
  ["Ctrl-C", "clear the line; stop what runs; close, and force it the second time"],
];

/** Columns of a terminal that has room for what each command takes. */
const roomy = 110;

/** Columns of what stands on the left. */
const widest = 36;

function usageOf({ name, takes }: Command): string {
  return `/${name} ${takes}`.trimEnd();
}

/** With all that it says, on as many lines as that needs. */
function wholeRow([what, means]: Row, column: number, { chalk, width }: Ink): string {
  return what.length > column
    ? `${chalk.cyan(what)}\n${hanging(" ".repeat(column + 2), means, width)}`
    : hanging(`${chalk.cyan(what.padEnd(column))}  `, means, width);
}

/** On one line. */
function shortRow([what, means]: Row, column: number, { chalk, width }: Ink): string {
  return `${chalk.cyan(what.padEnd(column))}  ${fittedWords(means, width - column - 2)}`;
}

function listed(commands: Iterable<Command>, ink: Ink): string {
  const isRoomy = ink.width >= roomy;
  const usages = [...commands].map((command): Row => [
    isRoomy ? usageOf(command) : `/${command.name}`,
    command.summary,
  ]);
  const table = (rows: readonly Row[]) => {
    const column = Math.min(widest, Math.max(...rows.map(([what]) => what.length)));
    return rows.map((row) => (isRoomy ? wholeRow : shortRow)(row, column, ink));
  };
  const more = isRoomy ? [] : ["", ink.chalk.dim("/help COMMAND says all of a command")];
  return [...table(usages), "", ...table(keys), ...more].join("\n");
}

/** Makes `/help [COMMAND]`. */
export function helpOn(commands: () => ReadonlyMap<string, Command>): Command {
  return {
    name: "help",
    takes: "[COMMAND]",
    summary: "list the commands, or say all of one of them",
    run: ({ feed, ink }, rest) => {
      const all = commands();
      const name = rest.replace(/^\//, "");
      const chosen = all.get(name);
      if (name !== "" && !chosen) {
        const guess = nearest(name, all.keys());
        throw new WsctlError("WSCTL_EUSAGE", `there is no command /${safeLine(name, 40)}`, {
          hint: guess ? `did you mean /${guess}?` : "/help lists them",
        });
      }
      feed.say(
        chosen
          ? `${ink.chalk.cyan(usageOf(chosen))}\n${hanging("    ", chosen.summary, ink.width)}`
          : listed(all.values(), ink),
      );
    },
  };
}
