/**
 * Owns the guard against slow consumers: what a client does not take piles up in the server's
 * memory, and must end somewhere.
 */
import { WsctlError } from "../../base/errors.js";
import { parseSize } from "../../base/quantity.js";
import type { GuardKind } from "../guard.js";

/** What happens to a client that takes too little. */
type Remedy = "close" | "drop";

interface Limit {
  /** Bytes buffered for one client, from which on nothing is added. */
  readonly most: number;
  readonly remedy: Remedy;
}

function parseLimit(text: string): Limit {
  const comma = text.indexOf(",");
  const remedy = comma === -1 ? "close" : text.slice(comma + 1).trim();
  if (remedy !== "close" && remedy !== "drop") {
    throw new WsctlError("WSCTL_EUSAGE", `"${remedy}" is not close or drop`, {
      hint: "write it like 1MiB, 1MiB,close or 64KiB,drop",
    });
  }
  return { most: parseSize(comma === -1 ? text : text.slice(0, comma)), remedy };
}

/** Closes slow consumers with 1013 (try again later), or keeps further messages from them. */
export const backpressure: GuardKind = {
  flags: [
    {
      flag: "--backpressure <limit>",
      summary:
        "when more is buffered for a client, close it with 1013 (1MiB), or keep further messages " +
        "from it (1MiB,drop)",
    },
  ],
  create(values) {
    const { most, remedy } = values.read("backpressure", parseLimit)!;
    return {
      attach(peer) {
        peer.boundedByGuard = true;
        peer.interceptOutgoing(() => {
          if (peer.buffered <= most) return true;
          if (remedy === "drop") peer.countDropped();
          else peer.close(1013, "slow consumer");
          return false;
        });
      },
    };
  },
};
