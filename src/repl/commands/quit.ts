/** Owns /quit. */
import type { Command } from "../command.js";

/** `/quit` */
export const quit: Command = {
  name: "quit",
  takes: "",
  summary: "close the connection and leave; so does Ctrl-D",
  run: (desk) => desk.quit(),
};
