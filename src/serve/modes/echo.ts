/** Owns the mode echo: every message goes back as it came, text as text and binary as binary. */
import type { Mode } from "../mode.js";

/** Sends every message back. */
export const echo: Mode = {
  summary: "sends every message back as it came",
  accept(peer) {
    peer.onMessage = (data, isBinary) => peer.send(data, isBinary);
  },
};
