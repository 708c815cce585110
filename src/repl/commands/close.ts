/** Owns /close. */
import { type Command, firstWord, misused } from "../command.js";
import { stoppedBy } from "../stoppable.js";

/** `/close [CODE [REASON]]` */
export const close: Command = {
  name: "close",
  takes: "[CODE [REASON]]",
  summary: "close the connection, with 1000 unless told; the prompt stays",
  run: async ({ link }, rest, signal) => {
    const [code, reason] = firstWord(rest);
    if (!/^\d*$/.test(code)) throw misused(close, "a close code is a number");
    const { session } = link;
    await stoppedBy(
      signal,
      () => session.terminate(),
      () => session.close(code === "" ? 1000 : Number(code), reason),
    );
  },
};
