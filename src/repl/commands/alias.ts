/** Owns /alias. */
import { WsctlError } from "../../base/errors.js";
import { safeLine, safeText } from "../../base/safe-text.js";
import { type Command, firstWord } from "../command.js";

const mostAliases = 200;

function refuse(why: string, hint: string): never {
  throw new WsctlError("WSCTL_EUSAGE", why, { hint });
}

/** Makes `/alias [NAME [TEXT|off]]`; a command's own name is none. */
export function aliasBeside(commands: () => ReadonlyMap<string, Command>): Command {
  return {
    name: "alias",
    takes: "[NAME TEXT|off]",
    summary: "let /NAME stand for a text or a command; $1 … $9 and $* are what follows it",
    run: ({ aliases, feed, ink: { chalk } }, rest) => {
      const [typed, text] = firstWord(rest);
      const name = typed.replace(/^\//, "");
      if (text === "off") aliases.delete(name);
      else if (text !== "") {
        if (commands().has(name)) {
          refuse(`/${name} is a command, and stays one`, "choose another name for the alias");
        }
        if (!/^[\w-]{1,40}$/.test(name)) {
          const shown = safeLine(name, 40);
          refuse(`"${shown}" cannot be an alias`, "an alias has letters, digits, _ and -");
        }
        if (aliases.size >= mostAliases && !aliases.has(name)) {
          refuse(`there are ${mostAliases} aliases already`, "/alias NAME off takes one away");
        }
        aliases.set(name, text);
      }
      const shown = [...aliases].filter(([each]) => name === "" || each === name);
      const lines = shown.map(([each, said]) => `${chalk.cyan(`/${each}`)} ${safeText(said)}`);
      feed.say(lines.length > 0 ? lines.join("\n") : chalk.dim("· no alias"));
    },
  };
}
