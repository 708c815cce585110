/** Owns what all connections of a proxy share. */
import type { Loops } from "./loops.js";
import type { ProxyOptions } from "./options.js";
import type { Tally } from "./tally.js";
import type { Upstream } from "./upstream.js";

/** What all connections of a proxy share. */
export interface Context {
  readonly options: ProxyOptions;
  readonly tally: Tally;
  readonly loops: Loops;
  readonly upstream: Upstream;
}
