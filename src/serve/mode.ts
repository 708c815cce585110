/** Owns what a mode of the test server is: how it behaves towards one client. */
import type { Peer } from "./peer.js";

/** What a server does with its clients. */
export interface Mode {
  /** One sentence for `--help`. */
  readonly summary: string;
  /** A client is there; the mode sets what happens with its messages. */
  accept(peer: Peer): void;
}
