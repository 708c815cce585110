/** Owns /grep. */
import { setImmediate as breath } from "node:timers/promises";
import { messageOf, WsctlError } from "../../base/errors.js";
import { formatCount } from "../../base/quantity.js";
import { safeLine } from "../../base/safe-text.js";
import { compileRegex } from "../../message/regex.js";
import { type Command, misused } from "../command.js";
import { excerpt } from "../render/message.js";
import { arrow } from "../render/stamp.js";

/** Bytes of each message that are searched. */
const most = 256 * 1024;

/** The newest that are shown. */
const shown = 40;

/** Milliseconds of searching before keys have their turn. */
const slice = 8;

/** What is wrong with a regular expression, by how its compiler begins to say it. */
const mistakes: readonly (readonly [said: RegExp, why: string])[] = [
  [/missing closing \)/, "a ( is never closed; \\( finds the character"],
  [/unexpected \)/, "a ) closes nothing; \\) finds the character"],
  [/missing closing \]/, "a [ is never closed; \\[ finds the character"],
  [/missing argument to repetition/, "nothing stands before a *, + or ? that repeats it"],
  [/nested repetition/, "a repeat cannot be repeated; put it in ( )"],
  [/repeat count/, "a repeat is at most {1000}, and its first number not above its second"],
  [/trailing backslash/, "nothing follows the backslash at the end; two find the character"],
  [
    /escape sequence/,
    "there is no such escape; a backslash stands before signs, and letters like \\d",
  ],
  [/character class range/, "there is no such range of characters"],
  [/Perl syntax/, "look-ahead, look-behind and backreferences cannot be searched for"],
];

/** @throws WsctlError WSCTL_EUSAGE, in words for who typed it */
function searched(source: string, flags: string): ReturnType<typeof compileRegex> {
  try {
    return compileRegex(source, flags);
  } catch (error) {
    const [, why] = mistakes.find(([said]) => said.test(messageOf(error))) ?? [];
    if (why === undefined) throw error;
    const hint = "RE2 syntax, with a backslash before a sign that is meant itself";
    throw new WsctlError("WSCTL_EUSAGE", `not a regular expression: ${why}`, {
      hint,
      where: [safeLine(source)],
      cause: error,
    });
  }
}

/** `/grep PATTERN` */
export const grep: Command = {
  name: "grep",
  takes: "REGEX",
  summary: "search the messages kept; in lower case, case does not matter",
  isJob: true,
  run: async ({ log, feed, ink }, rest, signal) => {
    if (rest === "") throw misused(grep, "what for?");
    const [, slashed, flags = ""] = /^\/(.*)\/([ims]*)$/s.exec(rest) ?? [];
    const source = slashed ?? rest;
    const isLower = source === source.toLowerCase() && !flags.includes("i");
    const regex = searched(source, isLower ? `${flags}i` : flags);
    const { chalk, width } = ink;
    const { last } = log;
    const found: string[] = [];
    let count = 0;
    let begun = performance.now();
    for (const { number, direction, data } of log.from(log.first)) {
      if (number > last || signal.aborted) break;
      const text = data.toString("utf8", 0, most);
      const matcher = regex.matcher(text);
      if (matcher.find()) {
        count++;
        const name = `#${number}`;
        const line = excerpt(text, matcher.start(), width - name.length - 3);
        found.push(`${chalk.dim(name)} ${arrow(direction, chalk)} ${line}`);
        if (found.length > shown) found.shift();
      }
      if (performance.now() - begun < slice) continue;
      await breath();
      begun = performance.now();
    }
    const newest = count > found.length ? `, the newest ${found.length} of them here` : "";
    const what = count === 1 ? "1 message" : `${formatCount(count)} messages`;
    found.push(chalk.dim(`· ${what} of ${formatCount(log.size)}${newest}; /show N shows one`));
    feed.say(found.join("\n"));
  },
};
