/** Owns the guard that limits how fast a client may send messages: a token bucket for each. */
import type { GuardKind } from "../guard.js";
import { parseAllowedRate } from "./bound.js";

/** How much may be saved up, in seconds of the rate. */
const burst = 1;

/** Closes with 1008 (policy violation) whoever is faster. */
export const limitMessages: GuardKind = {
  flags: [
    {
      flag: "--limit-messages <rate>",
      summary: "close with 1008 who sends faster than that (10/s; a burst of one second passes)",
    },
  ],
  create(values) {
    const perSecond = values.read("limit-messages", parseAllowedRate) ?? Infinity;
    // Slower than one a second, the first message must still pass.
    const most = Math.max(1, perSecond * burst);
    return {
      attach(peer) {
        let tokens = most;
        let filled = performance.now();
        peer.intercept(() => {
          const now = performance.now();
          tokens = Math.min(most, tokens + ((now - filled) / 1000) * perSecond);
          filled = now;
          if (tokens >= 1) {
            tokens--;
            return true;
          }
          peer.close(1008, "too many messages");
          return false;
        });
      },
    };
  },
};
