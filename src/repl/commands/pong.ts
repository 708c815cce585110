/** Owns /pong. */
import type { Command } from "../command.js";

/** `/pong [TEXT]` */
export const pong: Command = {
  name: "pong",
  takes: "[TEXT]",
  summary: "send a pong that nobody asked for; pings are answered without this",
  run: ({ link }, rest) => ({ fate: link.session.pong(Buffer.from(rest)) }),
};
