/**
 * Owns what is known of local ports: how many one source has, and how many are held. The kernel
 * chooses in two ways. Left to itself it chooses when it connects, and a port is taken for one
 * destination only. Where the local address is given, it chooses when it binds, before it knows the
 * destination: a port of an address is taken for all of them.
 */

/** What the ports of a run depend on. */
export interface PortUse {
  /** Addresses to leave from; empty: the system chooses. */
  readonly localAddresses: readonly string[];
  /** Where connections go, `host:port`, each once; empty where no ports are needed, as for socket files. */
  readonly destinations: readonly string[];
}

/** The local ports of one source; the fullest one where there are several. */
export interface LocalPorts {
  /** How many there are, ip_local_port_range. */
  readonly range: number;
  /** How many of them are held, and how many of these in TIME_WAIT. */
  readonly held: number;
  readonly timeWait: number;
}

const inTimeWait = "06";
const listening = "0A";

/**
 * Reads what tables of sockets say.
 * @param tables content of /proc/net/tcp and tcp6
 */
export function localPorts(low: number, high: number, tables: string, use: PortUse): LocalPorts {
  const isBound = use.localAddresses.length > 0;
  const sources = new Set(isBound ? use.localAddresses.map(hexOf) : use.destinations.map(portOf));
  // By source: its ports, and whether each is in TIME_WAIT. The same port may be there twice.
  const held = new Map<string, Map<number, boolean>>();
  const rows = tables.matchAll(
    /^ *\d+: (?<address>[\dA-F]+):(?<port>[\dA-F]{4}) [\dA-F]+:(?<to>[\dA-F]{4}) (?<state>[\dA-F]{2})/gm,
  );
  for (const { groups } of rows) {
    const { address = "", port = "", to = "", state = "" } = groups ?? {};
    const source = isBound ? address : to;
    const number = parseInt(port, 16);
    if (!sources.has(source) || state === listening || number < low || number > high) continue;
    const ports = held.get(source) ?? new Map<number, boolean>();
    ports.set(number, state === inTimeWait && ports.get(number) !== false);
    held.set(source, ports);
  }
  const fullest = [...held.values()].toSorted((a, b) => b.size - a.size)[0] ?? new Map();
  return {
    range: high - low + 1,
    held: fullest.size,
    timeWait: [...fullest.values()].filter(Boolean).length,
  };
}

/** The port of a destination, as the tables have it. */
function portOf(destination: string): string {
  const port = Number(destination.slice(destination.lastIndexOf(":") + 1));
  return port.toString(16).toUpperCase().padStart(4, "0");
}

/** An IPv4 address as the tables have it, in the byte order of the machine; others are not looked for. */
function hexOf(address: string): string {
  const bytes = address.split(".").map(Number);
  const isLittle = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
  const ordered = isLittle ? bytes.toReversed() : bytes;
  return Buffer.from(ordered).toString("hex").toUpperCase();
}
