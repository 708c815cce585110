/** Owns what a person may type as an outbound proxy, and what a dial needs to know of it. */
import { WsctlError } from "../base/errors.js";
import { safeLine } from "../base/safe-text.js";
import { hostPort, parseTarget, type Target } from "./target.js";
import type { TlsOptions } from "./tls.js";

/** A proxy to go through. */
export interface Proxy {
  readonly kind: "http" | "socks5";
  /** Where it listens; secure where TLS is spoken to the proxy itself. */
  readonly target: Target;
  /** Whether the proxy looks up the target's name: always over HTTP, with socks5h over SOCKS. */
  readonly looksUp: boolean;
  readonly user: string | undefined;
  readonly password: string | undefined;
  /** For people: scheme, host and port, no credentials. */
  readonly shown: string;
  /** How TLS is spoken to the proxy; what applies to the target does not apply here. */
  readonly tls: TlsOptions | undefined;
}

/** Default ports as in URLs; curl takes 1080 for http as well, which hardly anybody means. */
const schemes: ReadonlyMap<string, readonly [kind: Proxy["kind"], port: number, looksUp: boolean]> =
  new Map([
    ["http", ["http", 80, true]],
    ["https", ["http", 443, true]],
    ["socks5", ["socks5", 1080, false]],
    ["socks5h", ["socks5", 1080, true]],
  ] as const);

function refuse(text: string, why: string): never {
  // What stands before an @ may be a password.
  const shown = safeLine(text.replace(/^([^/]*\/\/)?.*@/, "$1…@"));
  throw new WsctlError("WSCTL_EUSAGE", `"${shown}" is not a proxy: ${why}`, {
    hint: "write it like http://proxy.example:3128, https://…, socks5://… or socks5h://…, before the host user:password@ if it wants them",
  });
}

/** RFC 1929 has one byte for the length of each. */
const longestOfSocks = 255;

function part(text: string, raw: string): string | undefined {
  if (raw === "") return undefined;
  try {
    return decodeURIComponent(raw);
  } catch {
    return refuse(text, "user or password hold a % that encodes nothing");
  }
}

/**
 * Reads `http://`, `https://`, `socks5://` (names are looked up here) or `socks5h://` (by the
 * proxy), with `user:password@` if need be; without a scheme it is `http://`. A path is passed over.
 *
 * @param tls the object that all dials through the proxy share
 * @throws WsctlError WSCTL_EUSAGE
 */
export function parseProxy(text: string, tls?: TlsOptions): Proxy {
  const typed = text.trim();
  const [, scheme = "http", rest = ""] = /^(?:([^/:@]*):\/\/)?(.*)$/s.exec(typed) ?? [];
  const name = scheme.toLowerCase();
  const known = schemes.get(name);
  if (!known) return refuse(text, `"${safeLine(scheme, 40)}" is not a kind of proxy known here`);
  const [kind, usualPort, looksUp] = known;
  const [authority = ""] = rest.split(/[/?#]/);
  const place = authority.slice(authority.lastIndexOf("@") + 1);
  // oxlint-disable-next-line no-control-regex -- control characters are the subject here
  if (place === "" || place.startsWith(":") || /[\0- \x7f]/.test(authority)) {
    return refuse(text, "it has no host");
  }
  const port = /:(\d*)$/.exec(place)?.[1];
  const bare = port === undefined ? place : place.slice(0, -port.length - 1);
  const url = `${name === "https" ? "wss" : "ws"}://${bare}:${port || usualPort}/`;
  if (!URL.canParse(url) || !URL.canParse(`ws://${authority}`)) {
    return refuse(text, "host or port cannot be read");
  }
  const target = parseTarget(url);
  const { username, password } = new URL(`ws://${authority}`);
  const user = part(text, username);
  const secret = part(text, password);
  if (kind === "socks5") {
    for (const one of [user, secret]) {
      if (Buffer.byteLength(one ?? "") > longestOfSocks) {
        refuse(text, "SOCKS allows 255 bytes for user and password each");
      }
    }
  }
  return {
    kind,
    target,
    looksUp,
    user,
    password: secret,
    shown: `${name}://${hostPort(target.host, target.port)}`,
    tls,
  };
}
