/** Owns /show. */
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
    if (from > 0 && from >= entry.data.length) {
      throw misused(show, `message ${number} has ${entry.data.length} bytes`);
    }
    const style = { ...settings, pretty: true, frames: true };
    const drawing = { entry, from, delta: undefined, view: undefined, style, bounds: study, ink };
    feed.say(drawMessage(drawing));
  },
};
