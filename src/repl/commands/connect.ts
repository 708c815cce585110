/** Owns /connect. */
import { type Command, misused } from "../command.js";

/** `/connect URL` */
export const connect: Command = {
  name: "connect",
  takes: "URL | @PROFILE",
  summary: "leave this connection, and open another with the same flags",
  completes: "profile",
  run: async ({ link, retarget }, rest, signal) => {
    if (rest === "") throw misused(connect, "where to?");
    const options = await retarget(rest);
    signal.throwIfAborted();
    signal.addEventListener("abort", () => link.session.terminate(), { once: true });
    await link.replace(options);
  },
};
