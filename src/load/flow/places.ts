/** Owns how many users of a shard may be alive at once. */
import { WsctlError } from "../../base/errors.js";
import { cut, type Shard } from "../../scenario/shard.js";

/**
 * A shard's part of the places: one at least, else its arrivals would all be turned away.
 * @param maxConnections of the whole plan; undefined: as many as come
 * @throws WsctlError WSCTL_EUSAGE where there are fewer places than shards
 */
export function placesOf(maxConnections: number | undefined, { index, of }: Shard): number {
  if (maxConnections === undefined) return Infinity;
  if (maxConnections < of) {
    throw new WsctlError(
      "WSCTL_EUSAGE",
      `maxConnections (${maxConnections}) leaves some of the ${of} workers without a connection`,
      { hint: `use --workers ${maxConnections}, or fewer` },
    );
  }
  const { from, to } = cut(maxConnections, of)[index]!;
  return to - from;
}
