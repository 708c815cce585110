/** Owns what the server agrees to of permessage-deflate (RFC 7692 §7.1). */
import type { PerMessageDeflateOptions } from "ws";
import type { FaultSet } from "../faults/fault-set.js";

/**
 * What `ws` reads at each handshake. While faults are on, messages do not refer to those before
 * them: one that is lost, doubled or moved would garble all that follow.
 */
export function compressionUnder(faults: Pick<FaultSet, "active">): PerMessageDeflateOptions {
  return {
    // False would refuse the clients that ask for it.
    get serverNoContextTakeover() {
      return faults.active || undefined;
    },
  };
}
