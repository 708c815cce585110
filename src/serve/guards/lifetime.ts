/**
 * Owns the guard that ends connections at a fixed age, as servers do that recycle them to spread
 * load over new nodes: clients must come back.
 */
import type { GuardKind } from "../guard.js";
import { parsePeriod } from "./bound.js";

/** Closes with 1001 (going away) at that age. */
export const lifetime: GuardKind = {
  flags: [
    { flag: "--lifetime <duration>", summary: "close each connection with 1001 at that age" },
  ],
  create(values) {
    const age = values.read("lifetime", parsePeriod)!;
    return {
      attach(peer) {
        const timer = setTimeout(() => peer.close(1001, "lifetime"), age);
        peer.onClose(() => clearTimeout(timer));
      },
    };
  },
};
