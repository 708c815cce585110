/** Owns the mode echo: every message goes back as it came, text as text and binary as binary. */
import type { ModeKind } from "../mode.js";

/** Sends every message back. */
export const echo: ModeKind = {
  summary: "sends every message back as it came",
  flags: [],
  create: () => ({
    accept(peer) {
      peer.onMessage = (data, isBinary) => peer.send(data, isBinary);
    },
  }),
};
