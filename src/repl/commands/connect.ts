/** Owns /connect. */
import { WsctlError } from "../../base/errors.js";
import { type Command, misused } from "../command.js";
import { orStopped, stoppedBy } from "../stoppable.js";

const anew =
  "flags like these are given at the start: /quit, and begin anew with them, or name them in a @profile";

/** What helps where the prompt cannot: flags belong to the command line. */
function hinted(error: unknown): unknown {
  if (!(error instanceof WsctlError) || error.code !== "WSCTL_ETLS") return error;
  const { hint, where } = error;
  return new WsctlError(error.code, error.message, {
    hint: `${hint === undefined ? "" : `${hint}; `}${anew}`,
    where,
    cause: error,
  });
}

/** `/connect URL` */
export const connect: Command = {
  name: "connect",
  takes: "URL | @PROFILE",
  summary: "leave this connection, and open another; what was said of this server stays with it",
  completes: "profile",
  run: async ({ link, feed, ink, retarget }, rest, signal) => {
    if (rest === "") throw misused(connect, "where to?");
    const note = (line: string) => feed.say(ink.chalk.dim(`· ${line}`));
    const options = await orStopped(retarget(rest, note), signal);
    try {
      await stoppedBy(
        signal,
        () => link.session.terminate(),
        () => link.replace(options),
      );
    } catch (error) {
      throw hinted(error);
    }
  },
};
