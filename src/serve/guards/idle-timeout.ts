/**
 * Owns the guard that closes connections on which nothing is said: no message either way. Pings and
 * pongs do not count, as with load balancers that look at application data only. The code is 1001,
 * which servers that let go of idle clients send most.
 */
import type { GuardKind } from "../guard.js";
import { parsePeriod } from "./bound.js";

/** Closes with 1001 who is silent, and is told nothing, for too long. */
export const idleTimeout: GuardKind = {
  flags: [
    {
      flag: "--idle-timeout <duration>",
      summary: "close with 1001 after so long without a message either way (pings do not count)",
    },
  ],
  create(values) {
    const patience = values.read("idle-timeout", parsePeriod)!;
    return {
      attach(peer) {
        // Timers of one duration share a list in Node: to begin again costs next to nothing.
        const timer = setTimeout(() => peer.close(1001, "idle timeout"), patience);
        const again = (): boolean => {
          timer.refresh();
          return true;
        };
        peer.intercept(again);
        peer.interceptOutgoing(again);
        peer.onClose(() => clearTimeout(timer));
      },
    };
  },
};
