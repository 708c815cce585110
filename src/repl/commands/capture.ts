/** Owns /capture. */
import { safeLine } from "../../base/safe-text.js";
import { compileCapture } from "../../message/capture.js";
import { type Command, firstWord, misused } from "../command.js";

const mostCaptures = 50;

/** `/capture NAME EXPR` */
export const capture: Command = {
  name: "capture",
  takes: "NAME $.PATH|/REGEX/|off",
  summary: "take a value out of each message that comes in, for {{ NAME }}",
  run: ({ rules, feed, ink }, rest) => {
    const [name, source] = firstWord(rest);
    if (source === "") throw misused(capture, "it takes a name, and where the value is found");
    if (source === "off") {
      rules.captures.delete(name);
      feed.say(ink.chalk.dim(`· ${safeLine(name)} is not captured any more`));
      return;
    }
    const [, regex] = /^\/(.*)\/$/s.exec(source) ?? [];
    const hasGroup = regex !== undefined && /(?<!\\)\((?!\?[^P<])/.test(regex);
    const found = compileCapture(
      regex === undefined
        ? { json: source, as: name }
        : { matches: regex, group: hasGroup ? 1 : 0, as: name },
    );
    if (rules.captures.size >= mostCaptures) throw misused(capture, "there are too many captures");
    rules.captures.set(name, { ...found, source });
    feed.say(ink.chalk.dim(`· ${name} is captured by ${safeLine(source)}`));
  },
};
