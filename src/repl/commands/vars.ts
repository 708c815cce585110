/** Owns /vars. */
import { safeLine } from "../../base/safe-text.js";
import { builtins } from "../../message/builtins.js";
import type { Command } from "../command.js";
import { hanging } from "../hanging.js";

/** `/vars` */
export const vars: Command = {
  name: "vars",
  takes: "",
  summary: "list the variables, the captures, and what else can stand in {{ }}",
  run: ({ variables, rules, feed, ink: { chalk, width } }) => {
    const lines = [...variables.values].map(
      ([name, value]) => `${chalk.cyan(name)} = ${safeLine(JSON.stringify(value), width)}`,
    );
    for (const { name, source } of rules.captures.values()) {
      lines.push(chalk.dim(`${name} is captured by ${safeLine(source)}`));
    }
    const names = [...builtins.values()].map(({ signature }) => signature).join("  ");
    lines.push(chalk.dim(hanging("built in: ", names, width)));
    feed.say(lines.join("\n"));
  },
};
