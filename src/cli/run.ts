/** Owns one invocation: arguments in, exit code out; every error ends here. */
import { CommanderError, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { WsctlError } from "../base/errors.js";
import { nearest } from "../base/nearest.js";
import { safeLine } from "../base/safe-text.js";
import { redactUrl } from "../base/redact-url.js";
import { isForNagios, nagiosUnknown, unknownLine } from "./commands/inspect-nagios.js";
import { ExitCode, exitCodeOf } from "./exit-codes.js";
import type { Host } from "./host.js";
import { inkFor } from "./ink.js";
import { program } from "./program.js";
import { renderError } from "./render-error.js";

/** Runs the program; never rejects. */
export async function run(host: Host): Promise<number> {
  let code: number = ExitCode.ok;
  try {
    const root = await program(host, (exitCode) => {
      code = exitCode;
    });
    if (host.args.length === 0) {
      root.outputHelp();
      return ExitCode.ok;
    }
    await root.parseAsync([...host.args], { from: "user" });
    return code;
  } catch (error) {
    const failure = await failed(host, error);
    // Nagios takes our codes for other things.
    if (failure === ExitCode.ok || !isForNagios(host.args)) return failure;
    host.stdout.write(unknownLine(error));
    return nagiosUnknown;
  }
}

async function failed(host: Host, error: unknown): Promise<number> {
  const color = !host.args.includes("--no-color");
  const ink = inkFor(host, host.stderr, color);
  if (error instanceof CommanderError) {
    if (error.exitCode === 0 || error.code === "commander.help") return ExitCode.ok;
    const mistake = await usage(host, error.message);
    host.stderr.write(renderError({ code: "WSCTL_EUSAGE", ...mistake }, ink));
    return ExitCode.usage;
  }
  if (error instanceof WsctlError) {
    host.stderr.write(renderError(error, ink));
    return exitCodeOf(error.code);
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  host.stderr.write(`wsctl failed, and this is a bug of wsctl: please report it.\n${stack}\n`);
  return ExitCode.failed;
}

/** The URL that somebody wrote without a command. */
function isUrl(word: string): boolean {
  return /^(?:ws|http)s?:\/\//i.test(word) && URL.canParse(word);
}

/** Whether the word is something to connect to rather than a mistyped command. */
function isPlace(word: string): boolean {
  return isUrl(word) || /^@\S|^ws\+unix:|^(?:[\w.-]+|\[[0-9a-f:.]+\]):\d+(?:\/|$)/i.test(word);
}

/** Whether commander complains of a word that stands where none is wanted. */
function isStray(text: string): boolean {
  return /unknown command|too many arguments/.test(text);
}

/** The first address that is no value of a flag. */
function strayPlace(args: readonly string[]): string | undefined {
  return args.find((arg, index) => isPlace(arg) && args[index - 1]?.startsWith("-") !== true);
}

/** What commander says of a value that a parser refused. */
const refusedValue = /^option '(?:-\w, )?(--[\w-]+)[^']*' argument '([^]*)' is invalid\. ([^]*)$/;

/** Splits commander's message into what was wrong and what to do. */
async function usage(host: Host, text: string): Promise<{ message: string; hint: string }> {
  const [first = "", ...rest] = text.replace(/^error: /, "").split("\n");
  const suggestion = /\(Did you mean (.*)\?\)/.exec(rest.join(" "))?.[1];
  const command = host.args.find((arg) => !arg.startsWith("-")) ?? "";
  if (text.includes("unknown command") && isPlace(command)) {
    return {
      message: `${isUrl(command) ? "a URL" : safeLine(command, 80)} is no command`,
      hint: `to talk to it: wsctl connect ${isUrl(command) ? redactUrl(command) : command}`,
    };
  }
  const names = await commandNames(host);
  const place = strayPlace(host.args);
  if (names.at(-1) === "proxy" && place !== undefined && isStray(text)) {
    const shown = isUrl(place) ? redactUrl(place) : safeLine(place, 80);
    return {
      message: "where the proxy leads is said with --target",
      hint: `write it like: wsctl proxy --target ${shown}`,
    };
  }
  const generic = `see \`${[...names, "--help"].join(" ")}\``;
  const [, flag, value = "", why = ""] = refusedValue.exec(first) ?? [];
  if (flag) {
    const choices = /^Allowed choices are (.*)\.$/.exec(why)?.[1];
    if (choices) {
      const guess = nearest(value, choices.split(", "));
      const hint = guess === undefined ? generic : `did you mean ${guess}?`;
      return { message: `${flag}: "${value}" is none of ${choices}`, hint };
    }
    const [what = "", ...hints] = why.split("; ");
    return { message: `${flag}: ${what}`, hint: hints.join("; ") || generic };
  }
  return { message: first, hint: suggestion ? `did you mean ${suggestion}?` : generic };
}

/** The names of the command that was meant: `wsctl scenario validate`. */
async function commandNames(host: Host): Promise<string[]> {
  let command: CommandUnknownOpts = await program(host, () => {});
  const names = [command.name()];
  for (const argument of host.args) {
    const next = command.commands.find((one) => one.name() === argument);
    if (!next) continue;
    command = next;
    names.push(argument);
  }
  return names;
}
