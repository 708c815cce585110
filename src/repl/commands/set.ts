/** Owns /set. */
import { safeLine } from "../../base/safe-text.js";
import type { JsonValue } from "../../message/json.js";
import { type Command, firstWord, misused } from "../command.js";

/** JSON, or the text as it is. */
function valueOf(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return text;
  }
}

/** `/set VAR VALUE` */
export const set: Command = {
  name: "set",
  takes: "VAR VALUE",
  summary: "give {{ VAR }} a value: JSON, or text; it may have holes itself",
  run: ({ variables, feed, ink }, rest) => {
    const [name, text] = firstWord(rest);
    if (text === "") throw misused(set, "it takes a name and a value");
    variables.set(name, valueOf(variables.fill(text)));
    const value = JSON.stringify(variables.values.get(name));
    feed.say(ink.chalk.dim(`· ${name} = ${safeLine(value)}`));
  },
};
