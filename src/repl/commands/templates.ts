/** Owns /templates. */
import { type Command, onOrOff } from "../command.js";

/** `/templates [on|off]` */
export const templates: Command = {
  name: "templates",
  takes: "[on|off]",
  summary: "whether {{ }} in what is typed is filled in",
  completes: ["on", "off"],
  run: ({ variables, feed, ink }, rest) => {
    variables.isOn = onOrOff(templates, rest) ?? variables.isOn;
    feed.say(ink.chalk.dim(`· templates ${variables.isOn ? "on" : "off"}`));
  },
};
