/** Owns /curl. */
import { safeText } from "../../base/safe-text.js";
import type { Command } from "../command.js";

/** `/curl` */
export const curl: Command = {
  name: "curl",
  takes: "",
  summary: "show a curl command that opens the same connection",
  run: (desk) => desk.feed.say(safeText(desk.curl(desk.link.options))),
};
