/** Owns /templates. */
import { type Command, misused } from "../command.js";

/** `/templates [on|off]` */
export const templates: Command = {
  name: "templates",
  takes: "[on|off]",
  summary: "whether {{ }} in what is typed is filled in",
  completes: ["on", "off"],
  run: ({ variables, feed, ink }, rest) => {
    if (!["", "on", "off"].includes(rest)) throw misused(templates, "it is either on or off");
    variables.isOn = rest === "" ? !variables.isOn : rest === "on";
    feed.say(ink.chalk.dim(`· templates ${variables.isOn ? "on" : "off"}`));
  },
};
