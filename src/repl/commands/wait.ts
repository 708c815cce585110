/** Owns /wait. */
import type { Command } from "../command.js";
import { awaitMessage } from "../expectation.js";

/** `/wait [TIMEOUT] EXPR` */
export const wait: Command = {
  name: "wait",
  takes: "[TIMEOUT] EXPR",
  summary: "wait for a message that matches (10s unless told), counting from what was sent last",
  isJob: true,
  run: async (desk, rest, signal) => awaitMessage(wait, desk, rest, signal),
};
