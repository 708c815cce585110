/** Owns the mode sink: everything is read and counted, nothing is answered. */
import type { ModeKind } from "../mode.js";

/** Swallows every message. */
export const sink: ModeKind = {
  summary: "reads and counts everything, answers nothing",
  flags: [],
  create: () => ({
    // What comes in is counted by the peer itself, and a peer without a listener drops it.
    accept() {},
  }),
};
