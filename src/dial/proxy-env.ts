/**
 * Owns the choice of a proxy by the environment, with the semantics of curl:
 *
 * - `ws://` asks ws_proxy, then http_proxy; `wss://` asks wss_proxy, then https_proxy; both ask
 *   all_proxy last. Small letters come before capitals. HTTP_PROXY in capitals does not count where
 *   REQUEST_METHOD is set: in a CGI program it is a header that a stranger sent (CVE-2016-5385).
 * - no_proxy is a list with commas or blanks. `*` is every host; a name is itself and all below it,
 *   with or without a dot or `*.` before it; an address is itself, or a network as `10.0.0.0/8`.
 *   Beyond curl, `host:port` is that port only.
 * - Loopback has no exception, as with curl: name it in no_proxy.
 */
import { BlockList, isIP } from "node:net";
import type { Endpoint, Target } from "./target.js";

/** The variables of a process. */
export type Environment = Readonly<Record<string, string | undefined>>;

function valueOf(env: Environment, name: string): string | undefined {
  const capitals = name.toUpperCase();
  const isForged = capitals === "HTTP_PROXY" && env["REQUEST_METHOD"] !== undefined;
  return env[name] || (isForged ? undefined : env[capitals]) || undefined;
}

function isInNetwork(host: string, network: string, bits: string): boolean {
  const family = isIP(network);
  const prefix = Number(bits);
  if (family === 0 || isIP(host) !== family || !/^\d{1,3}$/.test(bits)) return false;
  if (prefix > (family === 4 ? 32 : 128)) return false;
  const type = family === 4 ? "ipv4" : "ipv6";
  const list = new BlockList();
  list.addSubnet(network, prefix, type);
  return list.check(host, type);
}

function fits(entry: string, { host, port }: Endpoint): boolean {
  if (entry === "*") return true;
  const [, bracketed, plain = "", wanted] = /^(?:\[([^\]]*)\]|(.*?))(?::(\d+))?$/.exec(entry) ?? [];
  // An IPv6 address without brackets ends in what looks like a port.
  const isBare = bracketed === undefined && isIP(entry) === 6;
  if (!isBare && wanted !== undefined && Number(wanted) !== port) return false;
  const name = isBare ? entry : (bracketed ?? plain);
  const [network = "", bits] = name.split("/");
  if (bits !== undefined) return isInNetwork(host, network, bits);
  // The same address can be written in many ways.
  if (isIP(host) !== 0) return isInNetwork(host, name, isIP(host) === 4 ? "32" : "128");
  const domain = name
    .toLowerCase()
    .replace(/^\*?\./, "")
    .replace(/\.$/, "");
  const own = host.toLowerCase().replace(/\.$/, "");
  return domain !== "" && (own === domain || own.endsWith(`.${domain}`));
}

/** The URL of the proxy that the environment has for a target; undefined for the direct way. */
export function proxyFor(target: Target, env: Environment): string | undefined {
  if (target.unix !== undefined) return undefined;
  const exceptions = valueOf(env, "no_proxy")?.split(/[\s,]+/) ?? [];
  if (exceptions.some((entry) => entry !== "" && fits(entry, target))) return undefined;
  const names = target.secure ? ["wss_proxy", "https_proxy"] : ["ws_proxy", "http_proxy"];
  for (const name of [...names, "all_proxy"]) {
    const found = valueOf(env, name);
    if (found !== undefined) return found;
  }
  return undefined;
}
