/** Owns /repeat. */
import { setTimeout as sleep } from "node:timers/promises";
import { setImmediate as breath } from "node:timers/promises";
import { parseCount, parseDuration } from "../../base/quantity.js";
import { type Command, misused } from "../command.js";

/** `/repeat N [INTERVAL] TEXT` */
export const repeat: Command = {
  name: "repeat",
  takes: "N [INTERVAL] TEXT",
  summary: "send a text or do a command N times; holes are filled each time",
  isJob: true,
  run: async (desk, rest, signal) => {
    const pattern = /^(\S+)\s+(?:(\d[\d.]*(?:us|µs|ms|s|m|min|h))\s+)?([\s\S]+)$/;
    const [, count = "", interval, line] = pattern.exec(rest) ?? [];
    if (line === undefined) throw misused(repeat, "it takes a number and a text");
    const times = parseCount(count);
    const pause = interval === undefined ? 0 : parseDuration(interval);
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
