/**
 * Owns what is known of local ports: which ways of a run need them, how many one way has, and how
 * many are held. The kernel chooses in two ways. Left to itself it chooses when it connects, and a
 * port is taken for one destination only, its address and port. Where the local address is given, it
 * chooses when it binds, before it knows the destination: a port of an address is taken for all.
 */
import { isIP, isIPv4 } from "node:net";
import { firstLocalAddress, localAddresses } from "../base/local-addresses.js";
import { detoured, PinnedResolver } from "../dial/detour.js";
import { routeFrom } from "../dial/route.js";
import { type Endpoint, hostPort, parseTarget } from "../dial/target.js";
import type { Plan } from "../scenario/plan.js";

/** What the ports of a run depend on. */
export interface PortUse {
  /** Addresses to leave from; empty: the system chooses. */
  readonly localAddresses: readonly string[];
  /**
   * Of each target, in their order, the destinations `host:port` that it may lead to: none for a
   * socket file, two for a `localhost` of either family. The host is a name where no more is known.
   */
  readonly destinations: readonly (readonly string[])[];
}

/** The ports that are held of one source. */
export interface HeldPorts {
  readonly count: number;
  /** How many of them are in TIME_WAIT. */
  readonly timeWait: number;
}

/** The local ports of this machine. */
export interface LocalPorts {
  /** How many one source has, ip_local_port_range. */
  readonly range: number;
  /**
   * By source, which is a local address if these are given, else a destination; those without any are
   * left out. Of a destination that is a name, all that go to its port are counted, whatever the host.
   */
  readonly held: ReadonlyMap<string, HeldPorts>;
}

const inTimeWait = "06";
const listening = "0A";

/** What connecting to no address in particular comes to. */
const unspecified: ReadonlyMap<string, string> = new Map([
  ["0.0.0.0", "127.0.0.1"],
  ["::", "::1"],
]);

/**
 * Whose ports the connections of a plan need: those of a proxy, where one is on the way. Nothing is
 * looked up but what the plan itself says of names.
 * @throws WsctlError WSCTL_EUSAGE for a part of the plan that cannot be read
 */
export async function portUseOf({
  targets,
  connection,
}: Pick<Plan, "targets" | "connection">): Promise<PortUse> {
  const { proxies = [], ...shared } = connection.route ?? {};
  const nobody = { resolve: async () => ({ addresses: [], fresh: false }) };
  const pins = new PinnedResolver(shared.resolve ?? [], nobody);
  const destinations = targets.map(async (url, index): Promise<readonly string[]> => {
    const target = parseTarget(url);
    const { proxy, unix, detours } = routeFrom({ ...shared, proxy: proxies[index] });
    if ((unix ?? target.unix) !== undefined) return [];
    const end: Endpoint = proxy?.target ?? detoured(target, detours);
    const hosts = await hostsOf(end, pins, connection.family);
    return hosts.map((host) => hostPort(host, end.port));
  });
  return {
    localAddresses: localAddresses(connection.localAddress),
    destinations: await Promise.all(destinations),
  };
}

/** What a host is called: an address in one spelling, both loopback addresses, or a name. */
async function hostsOf(
  { host, port }: Endpoint,
  pins: PinnedResolver,
  family: 4 | 6 | undefined,
): Promise<readonly string[]> {
  if (isIP(host) === 0) {
    const { addresses } = await pins.resolve(host, port);
    const pinned = addresses.find((one) => family === undefined || one.family === family);
    if (pinned) return [spelled(pinned.address)];
    const name = host.toLowerCase();
    if (name !== "localhost") return [name];
    return [family !== 6 && "127.0.0.1", family !== 4 && "::1"].filter((one) => one !== false);
  }
  const address = spelled(host);
  return [unspecified.get(address) ?? address];
}

/** An address in one spelling; that of IPv4 in the guise of IPv6 is what it is. */
function spelled(address: string): string {
  const plain = firstLocalAddress(address);
  const [, high, low] = /^::ffff:([\da-f]+):([\da-f]+)$/.exec(plain) ?? [];
  if (high === undefined || low === undefined) return plain;
  const halves = [high, low].map((half) => parseInt(half, 16));
  return halves.flatMap((half) => [half >> 8, half & 255]).join(".");
}

/** Whether a destination is an address, so that its connections are told from all others. */
export function isAddress(destination: string): boolean {
  return isIP(splitDestination(destination).host) !== 0;
}

/**
 * Reads what tables of sockets say.
 * @param tables content of /proc/net/tcp and tcp6
 */
export function localPorts(low: number, high: number, tables: string, use: PortUse): LocalPorts {
  const isBound = use.localAddresses.length > 0;
  // What rows are recognised by, and their source as it is called here.
  const sources = new Map<string, string>();
  const namesAt = new Map<string, Set<string>>();
  for (const address of use.localAddresses) sources.set(hexOf(address), address);
  for (const destination of isBound ? [] : use.destinations.flat()) {
    const { host, port } = splitDestination(destination);
    const to = port.toString(16).toUpperCase().padStart(4, "0");
    if (isAddress(destination)) sources.set(`${hexOf(host)}:${to}`, destination);
    else namesAt.set(to, (namesAt.get(to) ?? new Set()).add(destination));
  }
  // By source: its ports, and whether each is in TIME_WAIT. The same port may be there twice.
  const held = new Map<string, Map<number, boolean>>();
  const hold = (source: string, port: number, state: string): void => {
    const ports = held.get(source) ?? new Map<number, boolean>();
    ports.set(port, state === inTimeWait && ports.get(port) !== false);
    held.set(source, ports);
  };
  const rows = tables.matchAll(
    /^ *\d+: (?<from>[\dA-F]+):(?<port>[\dA-F]{4}) (?<to>[\dA-F]+):(?<toPort>[\dA-F]{4}) (?<state>[\dA-F]{2})/gm,
  );
  for (const { groups } of rows) {
    const { from = "", port = "", to = "", toPort = "", state = "" } = groups ?? {};
    const number = parseInt(port, 16);
    if (state === listening || number < low || number > high) continue;
    const source = sources.get(isBound ? unmapped(from) : `${unmapped(to)}:${toPort}`);
    if (source !== undefined) hold(source, number, state);
    for (const name of namesAt.get(toPort) ?? []) hold(name, number, state);
  }
  const counted = [...held].map(([source, ports]): [string, HeldPorts] => {
    const timeWait = [...ports.values()].filter(Boolean).length;
    return [source, { count: ports.size, timeWait }];
  });
  return { range: high - low + 1, held: new Map(counted) };
}

function splitDestination(destination: string): Endpoint {
  const at = destination.lastIndexOf(":");
  const host = destination.slice(0, at).replace(/^\[(.*)\]$/, "$1");
  return { host, port: Number(destination.slice(at + 1)) };
}

/** An address as the tables have it: words of 32 bits, each in the byte order of the machine. */
function hexOf(address: string): string {
  const bytes = isIPv4(address) ? address.split(".").map(Number) : bytesOf(address);
  const isLittle = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
  const words = Buffer.from(bytes);
  if (isLittle) words.swap32();
  return unmapped(words.toString("hex").toUpperCase());
}

function bytesOf(address: string): number[] {
  // The URL parser brings every spelling, a dotted tail too, into groups of hexadecimal digits.
  const plain = new URL(`ws://[${address.replace(/%.*/, "")}]/`).hostname.slice(1, -1);
  const [before = [], after = []] = plain
    .split("::")
    .map((half) => (half === "" ? [] : half.split(":").map((group) => parseInt(group, 16))));
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => 0);
  return [...before, ...zeros, ...after].flatMap((group) => [group >> 8, group & 255]);
}

/** An IPv4 address that a socket of IPv6 has is that of IPv4: the ports are the same ones. */
function unmapped(hex: string): string {
  return /^0{16}(?:FFFF0000|0000FFFF)/.test(hex) ? hex.slice(24) : hex;
}
