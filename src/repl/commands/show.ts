/** Owns /show. */
import { formatSize } from "../../base/quantity.js";
import { type Command, misused } from "../command.js";
import { drawMessage, study } from "../render/message.js";

/** `/show [N [FROM]]` */
export const show: Command = {
  name: "show",
  takes: "[N [FROM]]",
  summary: "show message N at length, from byte FROM on; the last one unless told",
  run: ({ log, feed, ink, settings }, rest) => {
    const [, typed, offset = "0"] = /^#?(\d+)?(?:\s+(\d+))?$/.exec(rest) ?? [];
    if (rest !== "" && typed === undefined) throw misused(show, "messages have numbers");
    const number = typed === undefined ? log.last : Number(typed);
    const entry = log.get(number);
    if (!entry) {
      const kept = log.size === 0 ? "none is" : `${log.first} to ${log.last} are`;
      throw misused(show, `message ${number} is not kept: ${kept}`);
    }
    const from = Number(offset);
    const data = entry.data.subarray(from);
    const part = from === 0 ? entry : { ...entry, data, length: data.length };
    const style = { ...settings, pretty: true, frames: true };
    const lines = [
      drawMessage({ entry: part, delta: undefined, view: undefined, style, bounds: study, ink }),
    ];
    if (entry.data.length < entry.length) {
      lines.push(ink.chalk.dim(`    of ${formatSize(entry.length)}, the beginning was kept`));
    }
    const next = from + study.characters;
    if (next < entry.data.length) {
      lines.push(
        ink.chalk.dim(`    /show ${number} ${next} goes on, /save FILE ${number} has it all`),
      );
    }
    feed.say(lines.join("\n"));
  },
};
