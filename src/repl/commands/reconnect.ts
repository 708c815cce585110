/** Owns /reconnect. */
import type { Command } from "../command.js";

/** `/reconnect` */
export const reconnect: Command = {
  name: "reconnect",
  takes: "",
  summary: "close the connection, if there is one, and open it again",
  run: async ({ link: { session } }, _rest, signal) => {
    signal.addEventListener("abort", () => session.terminate(), { once: true });
    await session.reconnect();
  },
};
