/** Owns not correlating: no reply is known to be one. */
import type { Correlator, Reply } from "./correlator.js";

/** One serves all connections: it keeps nothing. */
export class Uncorrelated implements Correlator {
  readonly waiting = 0;
  readonly matched = undefined;
  readonly pairingLost = false;

  add(): void {
    // Nothing is expected.
  }

  receive(): Reply {
    return "none";
  }

  expire(): undefined {
    return undefined;
  }

  clear(): void {
    // There is nothing to forget.
  }
}
