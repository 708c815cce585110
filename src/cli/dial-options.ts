/** Owns how a person's client dials: the described connection, ready for `dial`. */
import { localAddresses } from "../base/local-addresses.js";
import { parseDuration } from "../base/quantity.js";
import type { DialOptions } from "../dial/dial.js";
import { resolverFor, routeFrom } from "../dial/route.js";
import type { ConnectionSpec } from "../scenario/scenario.js";

/**
 * The options for dialling one of the targets that the connection was described for. Make them once
 * for all dials of a session: TLS is prepared once per object.
 *
 * @param index which of those targets; it also chooses among several local addresses
 * @throws WsctlError WSCTL_EUSAGE for a timeout or a route that cannot be read
 */
export function dialOptions(spec: ConnectionSpec, index = 0): DialOptions {
  const { headers, subprotocols, origin, family, localAddress, tls } = spec;
  const addresses = localAddresses(localAddress);
  const { proxies = [], ...shared } = spec.route ?? {};
  return {
    ...routeFrom({ ...shared, proxy: proxies[index] }),
    resolver: resolverFor(shared),
    family,
    localAddress: addresses[index % addresses.length],
    tls,
    timeouts: { total: parseDuration(spec.handshakeTimeout) },
    request: { headers, subprotocols, origin },
  };
}
