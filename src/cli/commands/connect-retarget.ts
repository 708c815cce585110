/** Owns where a prompt goes on to: another address, and what of the command line goes along. */
import { parseTarget } from "../../dial/target.js";
import type { Host } from "../host.js";
import type { ConnectFlags } from "./connect-options.js";
import { type Given, type Place, placeOf } from "./connect-target.js";

/** What says where to connect: the new address does that now. */
const places = new Set(["connect", "curl", "serve", "serveMode"]);

/**
 * What goes along to any server: times, compression, the route, and how things are shown. All else
 * tells who one is, speaks to one server, or trusts it.
 */
const harmless: ReadonlySet<string> = new Set([
  "timeout",
  "ping",
  "reconnect",
  "templates",
  "maxPayload",
  "compress",
  "compressParams",
  "ipv4",
  "ipv6",
  "proxy",
  "proxyCa",
  "proxyInsecure",
  "resolve",
  "connectTo",
  "localAddress",
  "frames",
  "showPingPong",
  "pretty",
  "raw",
  "history",
  "verbose",
  "quiet",
  "color",
] satisfies (keyof ConnectFlags)[]);

/** What can be asked for at the start. */
const asked = ["bearer", "user", "passphrase"] as const;

/** The flags that may stay; the others count as not given. */
function only(given: Given, stays: (flag: string) => boolean): Given {
  const kept = Object.entries(given.flags).filter(([flag]) => stays(flag));
  return {
    ...given,
    // Without it, certificates would not be checked.
    flags: { check: true, ...Object.fromEntries(kept) } as Given["flags"],
    isGiven: (flag) => stays(flag) && given.isGiven(flag),
  };
}

/** The flags with what was made of them at the start: the secrets that were asked for, above all. */
function settled(given: Given, { flags: first }: Place): Given {
  const flags = { ...given.flags };
  for (const flag of asked) {
    if (given.isGiven(flag)) Object.assign(flags, { [flag]: first[flag] });
  }
  // The URL may have been taken for its value.
  if (given.isGiven("reconnect")) Object.assign(flags, { reconnect: first.reconnect });
  return { ...given, flags };
}

function originOf(url: string): string {
  const { secure, authority, unix } = parseTarget(url);
  return `${secure} ${authority} ${unix}`;
}

/**
 * Where another address leads. What the command line says to a server, and of it, goes to the one
 * that it was given for, and to no other.
 *
 * @param first where the command line led, with secrets that were asked for
 * @param url a URL or `@profile`
 * @throws WsctlError WSCTL_EUSAGE
 */
export function otherPlace(host: Host, given: Given, first: Place, url: string): Place {
  const whole = { ...settled(given, first), url };
  const stranger = placeOf(
    host,
    only(whole, (flag) => harmless.has(flag)),
    "",
  );
  if (originOf(stranger.url) !== originOf(first.url)) return stranger;
  if (!url.startsWith("@")) return { ...first, url: stranger.url, notes: stranger.notes };
  return placeOf(
    host,
    only(whole, (flag) => !places.has(flag)),
    "",
  );
}
