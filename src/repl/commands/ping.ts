/** Owns /ping. */
import type { Command } from "../command.js";

/** `/ping [TEXT]` */
export const ping: Command = {
  name: "ping",
  takes: "[TEXT]",
  summary: "send a ping, and tell how long the pong took",
  run: ({ link }, rest) => ({ fate: link.ping(Buffer.from(rest)) }),
};
