/** Owns /reconnect. */
import type { Command } from "../command.js";
import { stoppedBy } from "../stoppable.js";

/** `/reconnect` */
export const reconnect: Command = {
  name: "reconnect",
  takes: "",
  summary: "close the connection, if there is one, and open it again",
  run: async ({ link: { session } }, _rest, signal) => {
    await stoppedBy(
      signal,
      () => session.terminate(),
      () => session.reconnect(),
    );
  },
};
