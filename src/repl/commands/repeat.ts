/** Owns /repeat. */
import { setTimeout as sleep } from "node:timers/promises";
import { setImmediate as breath } from "node:timers/promises";
import { parseCount } from "../../base/quantity.js";
import { type Command, firstDuration, firstWord, misused } from "../command.js";

/** `/repeat N [INTERVAL] TEXT` */
export const repeat: Command = {
  name: "repeat",
  takes: "N [INTERVAL] TEXT",
  summary: "send a text or do a command N times; holes are filled each time",
  isJob: true,
  run: async (desk, rest, signal) => {
    const [count, said] = firstWord(rest);
    const [pause = 0, line] = firstDuration(repeat, said);
    if (line === "") throw misused(repeat, "it takes a number and a text");
    const times = parseCount(count);
    for (let done = 0; done < times && !signal.aborted; done++) {
      if (done > 0) {
        // Keys and messages have their turn.
        if (pause === 0) await breath();
        else await sleep(pause, undefined, { signal }).catch(() => {});
        if (signal.aborted) return;
      }
      await desk.run(line, signal);
    }
  },
};
