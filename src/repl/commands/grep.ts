/** Owns /grep. */
import { setImmediate as breath } from "node:timers/promises";
import { formatCount } from "../../base/quantity.js";
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
    const regex = compileRegex(source, isLower ? `${flags}i` : flags);
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
