/** Owns /alias. */
import { WsctlError } from "../../base/errors.js";
import { safeLine, safeText } from "../../base/safe-text.js";
import { type Command, firstWord } from "../command.js";

const mostAliases = 200;

/** `/alias [NAME [TEXT|off]]` */
export const alias: Command = {
  name: "alias",
  takes: "[NAME TEXT|off]",
  summary: "let /NAME stand for a text or a command; $1 … $9 and $* are what follows it",
  run: ({ aliases, feed, ink: { chalk } }, rest) => {
    const [typed, text] = firstWord(rest);
    const name = typed.replace(/^\//, "");
    if (text === "off") aliases.delete(name);
    else if (text !== "") {
      if (!/^[\w-]{1,40}$/.test(name) || aliases.size >= mostAliases) {
        throw new WsctlError("WSCTL_EUSAGE", `"${safeLine(name, 40)}" cannot be an alias`, {
          hint: "an alias has letters, digits, _ and -",
        });
      }
      aliases.set(name, text);
    }
    const shown = [...aliases].filter(([each]) => name === "" || each === name);
    const lines = shown.map(([each, said]) => `${chalk.cyan(`/${each}`)} ${safeText(said)}`);
    feed.say(lines.length > 0 ? lines.join("\n") : chalk.dim("· no alias"));
  },
};
