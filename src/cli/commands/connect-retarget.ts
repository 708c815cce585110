/** Owns where a prompt goes on to: another address with the same flags, but not with the same secrets. */
import { parseTarget } from "../../dial/target.js";
import type { Host } from "../host.js";
import { type Given, type Place, placeOf } from "./connect-target.js";

/** What says where to connect: the new address does that now. */
const places = ["connect", "curl", "serve", "serveMode"];

/** What was meant for one server only, and tells who one is. */
const credentials = [
  "header",
  "cookie",
  "bearer",
  "user",
  "cert",
  "key",
  "passphrase",
  "servername",
  "unix",
];

/** The flags without those of that name, which count as not given. */
function without(given: Given, names: readonly string[]): Given {
  const kept = Object.entries(given.flags).filter(([name]) => !names.includes(name));
  return {
    ...given,
    flags: Object.fromEntries(kept) as Given["flags"],
    isGiven: (flag) => !names.includes(flag) && given.isGiven(flag),
  };
}

function originOf(url: string): string {
  const { secure, authority, unix } = parseTarget(url);
  return `${secure} ${authority} ${unix}`;
}

/**
 * Where another address leads. Credentials of the command line go to the server that they were given
 * for, and to no other.
 *
 * @param first where the command line led, with secrets that were asked for
 * @param url a URL or `@profile`
 * @throws WsctlError WSCTL_EUSAGE
 */
export function otherPlace(host: Host, given: Given, first: Place, url: string): Place {
  const plain = { ...without(given, places), url };
  const stranger = placeOf(host, without(plain, credentials), "");
  if (originOf(stranger.url) !== originOf(first.url)) return stranger;
  if (!url.startsWith("@")) return { ...first, url: stranger.url };
  return placeOf(host, plain, "");
}
