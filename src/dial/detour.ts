/**
 * Owns the ways round the look-up that curl knows: `--connect-to`, which sends connections for one
 * host and port to another, and `--resolve`, which gives a name its addresses. The request, SNI and
 * the check of the certificate stay those of the target.
 */
import { isIP } from "node:net";
import { WsctlError } from "../base/errors.js";
import { safeLine } from "../base/safe-text.js";
import type { Address, Resolution, Resolver } from "./resolver.js";
import type { Endpoint } from "./target.js";

/** Where connections for a host and port go instead; what is undefined is any, or left as it is. */
export interface Detour {
  readonly fromHost: string | undefined;
  readonly fromPort: number | undefined;
  readonly toHost: string | undefined;
  readonly toPort: number | undefined;
}

/** The addresses of a name at a port; undefined stands for every name. */
interface Pin {
  readonly host: string | undefined;
  readonly port: number;
  readonly addresses: readonly Address[];
}

function refuse(flag: string, text: string, hint: string): never {
  throw new WsctlError("WSCTL_EUSAGE", `${flag} "${safeLine(text)}" cannot be read`, { hint });
}

/** Cuts at colons that stand outside of brackets; the brackets go. */
function parts(text: string): string[] {
  const found = text.match(/(?:\[[^\]]*\]|[^:[\]])+|(?<=:|^)(?=:|$)/g) ?? [];
  return found.map((part) => part.replace(/^\[(.*)\]$/, "$1"));
}

/** Undefined for nothing, -1 for what is no port. */
function portOf(text: string): number | undefined {
  if (text === "") return undefined;
  const port = Number(text);
  return /^\d{1,5}$/.test(text) && port > 0 && port <= 65_535 ? port : -1;
}

/**
 * Reads `HOST1:PORT1:HOST2:PORT2`, each of which may be empty.
 * @throws WsctlError WSCTL_EUSAGE
 */
export function parseDetour(text: string): Detour {
  const [fromHost, fromPort, toHost, toPort, ...more] = parts(text);
  const hint =
    "write it like example.com:443:127.0.0.1:8443; what is left empty is any, or stays as it is";
  if (toPort === undefined || more.length > 0) return refuse("--connect-to", text, hint);
  const ports = { fromPort: portOf(fromPort!), toPort: portOf(toPort) };
  if (ports.fromPort === -1 || ports.toPort === -1) refuse("--connect-to", text, hint);
  return { fromHost: fromHost!.toLowerCase() || undefined, toHost: toHost || undefined, ...ports };
}

/** Where to connect for an endpoint: the first detour that fits counts. */
export function detoured(endpoint: Endpoint, detours: readonly Detour[] | undefined): Endpoint {
  if (!detours) return endpoint;
  const { host, port } = endpoint;
  const fits = ({ fromHost, fromPort }: Detour) =>
    (fromHost ?? host) === host && (fromPort ?? port) === port;
  const detour = detours.find(fits);
  return detour ? { host: detour.toHost ?? host, port: detour.toPort ?? port } : endpoint;
}

function parsePin(text: string): Pin {
  const hint =
    "write it like example.com:443:127.0.0.1, or with several addresses example.com:443:10.0.0.1,[::1]";
  const [host = "", portText = "", ...rest] = parts(text);
  const port = portOf(portText);
  const addresses = rest
    .join(":")
    .split(",")
    .map((one) => one.replace(/^\[(.*)\]$/, "$1"));
  if (host === "" || port === undefined || port === -1) return refuse("--resolve", text, hint);
  return {
    host: host === "*" ? undefined : host.toLowerCase(),
    port,
    addresses: addresses.map((address): Address => {
      const family = isIP(address);
      if (family !== 4 && family !== 6) return refuse("--resolve", text, hint);
      return { address, family };
    }),
  };
}

/** Answers for the names it was given, and asks another resolver for the others. */
export class PinnedResolver implements Resolver {
  readonly #pins: readonly Pin[];
  readonly #inner: Resolver;

  /**
   * @param pins `HOST:PORT:ADDRESS[,ADDRESS…]`, the host `*` for every name
   * @throws WsctlError WSCTL_EUSAGE for one that cannot be read
   */
  constructor(pins: readonly string[], inner: Resolver) {
    this.#pins = pins.map(parsePin);
    this.#inner = inner;
  }

  async resolve(host: string, port: number): Promise<Resolution> {
    const name = host.toLowerCase();
    const pin =
      this.#pins.find((one) => one.host === name && one.port === port) ??
      this.#pins.find((one) => one.host === undefined && one.port === port);
    return pin ? { addresses: pin.addresses, fresh: false } : this.#inner.resolve(host, port);
  }
}
