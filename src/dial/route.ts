/** Owns the way to a target where it is not the plain one: as text that can be sent, and ready to use. */
import { WsctlError } from "../base/errors.js";
import { type Detour, parseDetour, PinnedResolver } from "./detour.js";
import { parseProxy, type Proxy } from "./proxy.js";
import { type Resolver, systemResolver } from "./resolver.js";
import type { TlsOptions } from "./tls.js";

/** A way, ready to use. */
export interface Route {
  readonly proxy?: Proxy | undefined;
  /** A socket file to connect to, whatever the target's host; no proxy is used then. */
  readonly unix?: string | undefined;
  readonly detours?: readonly Detour[] | undefined;
}

/** A way, as it is written down. */
export interface RouteText {
  /** The URL of a proxy; undefined or empty for none. */
  readonly proxy?: string | undefined;
  /** How TLS is spoken to the proxy itself. */
  readonly proxyTls?: TlsOptions | undefined;
  readonly unix?: string | undefined;
  /** As curl's --resolve has it: `HOST:PORT:ADDRESS`. */
  readonly resolve?: readonly string[] | undefined;
  /** As curl's --connect-to has it: `HOST1:PORT1:HOST2:PORT2`. */
  readonly connectTo?: readonly string[] | undefined;
}

/**
 * Reads a way.
 * @throws WsctlError WSCTL_EUSAGE for a part that cannot be read
 */
export function routeFrom({ proxy, proxyTls, unix, connectTo }: RouteText): Route {
  if (proxy && unix !== undefined) {
    throw new WsctlError("WSCTL_EUSAGE", "a proxy and a socket file exclude each other", {
      hint: "a socket file is on this machine: leave the proxy out",
    });
  }
  return {
    proxy: proxy ? parseProxy(proxy, proxyTls) : undefined,
    unix,
    detours: connectTo && connectTo.length > 0 ? connectTo.map(parseDetour) : undefined,
  };
}

/**
 * The resolver of a way: it knows what --resolve says, and asks the system for the rest.
 * @throws WsctlError WSCTL_EUSAGE for an entry that cannot be read
 */
export function resolverFor({ resolve }: RouteText): Resolver {
  return resolve && resolve.length > 0
    ? new PinnedResolver(resolve, systemResolver)
    : systemResolver;
}
