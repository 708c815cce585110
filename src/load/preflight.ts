/**
 * Owns the look at this machine's limits before anything is opened: what would make a run fail half
 * way is said at once, with the remedy. On systems without /proc the limits are unknown and pass.
 */
import { readFile } from "node:fs/promises";
import { WsctlError } from "../base/errors.js";
import { formatCount, formatSize } from "../base/quantity.js";
import {
  type HeldPorts,
  isAddress,
  localPorts,
  type LocalPorts,
  type PortUse,
} from "./local-ports.js";

/** This machine's limits; undefined where the system does not tell. */
export interface Limits {
  /** File descriptors of one process, `ulimit -n`. */
  readonly fds: number | undefined;
  readonly ports: LocalPorts | undefined;
  /** Memory that can be had without swapping, in bytes. */
  readonly memory: number | undefined;
}

/** What a run asks of the machine. */
export interface Demand {
  readonly connections: number;
  /** How many of them may be open at once; undefined: all. */
  readonly places?: number | undefined;
  /** For which share of them it holds a silenced one as well, from 0 to 1; undefined: none. */
  readonly silenced?: number | undefined;
  /** Undefined: as many as the limits ask for. */
  readonly workers: number | undefined;
  readonly cores: number;
  readonly portUse: PortUse;
  readonly secure: boolean;
  /** Whether the server is one process of this machine with the same limits, started for the run. */
  readonly embedded?: boolean;
}

/** What a run may do. */
export interface Clearance {
  readonly workers: number;
  /** What is allowed, and slower than it need be. */
  readonly warnings: readonly { readonly message: string; readonly hint: string }[];
}

/** Files a worker needs beside its connections: pipes, epoll, modules, DNS. */
const fdMargin = 64;
/** Memory of one connection as it was measured, rounded up. */
const bytesEach = { plain: 16 * 1024, secure: 64 * 1024 };
/**
 * The share of a source's ports that the kernel finds at once. It looks at every other port first,
 * and when it binds at those of one half of the range before that; then each search goes through
 * nearly all of them: 0.05 ms a connection become 1 ms and more.
 */
const quickShare = { bound: 1 / 4, free: 1 / 2 };

/** Reads the limits, and which ports are held of those that would be used. */
export async function readLimits(use: PortUse): Promise<Limits> {
  const [limits, range, sockets, memory] = await Promise.all([
    read("/proc/self/limits"),
    read("/proc/sys/net/ipv4/ip_local_port_range"),
    Promise.all(["/proc/net/sockstat", "/proc/net/sockstat6"].map(read)),
    read("/proc/meminfo"),
  ]);
  const fds = /^Max open files\s+(\d+|unlimited)/m.exec(limits)?.[1];
  const [low = 0, high = 0] = range.trim().split(/\s+/).map(Number);
  // The tables of a machine with many sockets are large: they are not read for nothing.
  const isAnyThere = /^TCP6?:.*\b(?:inuse|tw) [1-9]/m.test(sockets.join("\n"));
  const tables = isAnyThere ? ["/proc/net/tcp", "/proc/net/tcp6"].map(read) : [];
  const available = /^MemAvailable:\s+(\d+) kB/m.exec(memory)?.[1];
  return {
    fds: fds === undefined ? undefined : fds === "unlimited" ? Infinity : Number(fds),
    ports: high > 0 ? localPorts(low, high, (await Promise.all(tables)).join(""), use) : undefined,
    memory: available === undefined ? undefined : Number(available) * 1024,
  };
}

/**
 * How many workers a run gets: what was asked for, else the larger of cores − 1 and what the fd
 * limit asks for, never more than connections.
 * @throws WsctlError WSCTL_EPREFLIGHT naming the limit and the remedy; WSCTL_EUSAGE for no workers
 */
export function preflight(demand: Demand, limits: Limits): Clearance {
  const connections = Math.min(demand.connections, demand.places ?? Infinity);
  const sockets = connections + Math.ceil(connections * (demand.silenced ?? 0));
  const perWorker = (limits.fds ?? Infinity) - fdMargin;
  const needed = Math.max(1, Math.ceil(sockets / Math.max(1, perWorker)));
  const asked = demand.workers ?? Math.max(demand.cores - 1, needed, 1);
  if (asked < 1) throw new WsctlError("WSCTL_EUSAGE", "a run needs at least one worker");
  const workers = Math.min(connections, asked);
  const share = Math.ceil(sockets / workers);
  if (share > perWorker) {
    throw refuse(
      `a worker would need ${formatCount(share + fdMargin)} file descriptors, but may have ${formatCount(limits.fds!)}`,
      `raise the limit with \`ulimit -n ${share + fdMargin}\`, or use --workers ${needed}`,
    );
  }
  if (demand.embedded && sockets > perWorker) {
    throw refuse(
      `the embedded server would need ${formatCount(sockets + fdMargin)} file descriptors, but may have ${formatCount(limits.fds!)}`,
      `raise the limit with \`ulimit -n ${sockets + fdMargin}\`, or load a server of its own by its URL`,
    );
  }
  const warnings = checkPorts(sockets, demand.portUse, limits.ports);
  const memory = sockets * (demand.secure ? bytesEach.secure : bytesEach.plain);
  if (limits.memory !== undefined && memory > limits.memory) {
    throw refuse(
      `${formatCount(sockets)} connections need about ${formatSize(memory)} of memory, but ${formatSize(limits.memory)} are free`,
      "ask for fewer connections, or use a machine with more memory",
    );
  }
  return { workers, warnings };
}

/** A source of ports, and what is asked of it. */
interface Burden extends HeldPorts {
  /** A local address, or a destination. */
  readonly source: string;
  /** How many connections of the run it gets. */
  readonly share: number;
  /** Whether those that are held are surely its own. */
  readonly isSure: boolean;
}

/**
 * Holds the connections against the local ports, shared out as they will be dialled.
 * @throws WsctlError WSCTL_EPREFLIGHT
 */
function checkPorts(
  connections: number,
  use: PortUse,
  ports: LocalPorts | undefined,
): Clearance["warnings"] {
  const isBound = use.localAddresses.length > 0;
  if (ports === undefined) return [];
  const { range, held } = ports;
  const shares = isBound ? sharesBound(connections, use) : sharesFree(connections, use);
  const burdens = [...shares].map(([source, share]): Burden => {
    const { count = 0, timeWait = 0 } = held.get(source) ?? {};
    return { source, share, count, timeWait, isSure: isBound || isAddress(source) };
  });
  const place = isBound ? "a local address" : "a destination";
  const needed = Math.ceil(connections / Math.floor(range * quickShare.bound));
  const fullest = most(burdens, ({ share, count, isSure }) => share + (isSure ? count : 0));
  if (!fullest) return [];
  const own = fullest.isSure ? fullest.count : 0;
  if (fullest.share + own > range) {
    const { source, share, timeWait } = fullest;
    const taken =
      own === 0
        ? ""
        : `; ${formatCount(own)} of ${formatCount(range)} are in use, ${formatCount(timeWait)} of them in TIME_WAIT`;
    throw refuse(
      `${formatCount(share)} connections of ${place} need as many local ports, but ${formatCount(Math.max(0, range - own))} are free for ${source}${taken}`,
      `${spread(needed, use, own > 0)}${own > 0 && timeWait > 0 ? ", or wait a minute for TIME_WAIT to pass" : ""}`,
    );
  }
  const busiest = most(burdens, ({ share, count }) => share + count) ?? fullest;
  const { source, share, count, timeWait, isSure } = busiest;
  const quick = Math.floor(range * (isBound ? quickShare.bound : quickShare.free));
  if (share + count <= quick) return [];
  const whose = isSure ? "" : " by connections to that port of any host";
  const taken =
    count === 0
      ? ""
      : `, and ${formatCount(count)} ports are in use${whose}, ${formatCount(timeWait)} of them in TIME_WAIT`;
  const effect = share + count > range ? "and may find none" : "opening becomes slow";
  return [
    {
      message: `beyond ${formatCount(quick)} connections of ${place} the kernel searches long for a free local port, ${effect}: ${source} gets ${formatCount(share)}${taken}`,
      hint: spread(needed, use, count > 0),
    },
  ];
}

function most(burdens: readonly Burden[], weigh: (one: Burden) => number): Burden | undefined {
  let found = burdens[0];
  for (const one of burdens) if (found && weigh(one) > weigh(found)) found = one;
  return found;
}

/** Connection i goes to target i mod t: what each destination gets, be it that of several targets. */
function sharesFree(connections: number, { destinations }: PortUse): Map<string, number> {
  const shares = new Map<string, number>();
  for (const [index, possible] of destinations.entries()) {
    const share = Math.max(0, Math.ceil((connections - index) / destinations.length));
    for (const one of possible) shares.set(one, (shares.get(one) ?? 0) + share);
  }
  return shares;
}

/** What each address gets at most; it is kept for a round of all targets. */
function sharesBound(
  connections: number,
  { localAddresses, destinations }: PortUse,
): Map<string, number> {
  const dialling = destinations.filter((possible) => possible.length > 0).length;
  if (dialling === 0) return new Map();
  const targets = destinations.length;
  const rounds = Math.floor(connections / (targets * localAddresses.length));
  const rest = connections - rounds * targets * localAddresses.length;
  return new Map(
    localAddresses.map((address, index) => [
      address,
      rounds * dialling + Math.min(dialling, Math.max(0, rest - index * targets)),
    ]),
  );
}

/**
 * What gives a run enough addresses to leave from.
 * @param isHeld whether ports are in use, so that addresses are named that have theirs
 */
function spread(needed: number, use: PortUse, isHeld: boolean): string {
  const dialled = use.destinations.filter((possible) => possible.length > 0);
  if (dialled.flat().every((at) => /^(?:\[::1\]|127\.[\d.]+):\d+$/.test(at))) {
    // A block is without its first and last address.
    const bits = Math.min(28, 32 - Math.ceil(Math.log2(needed + 2)));
    const isTaken = (net: number) =>
      use.localAddresses.some((one) => one.startsWith(`127.${net}.`));
    const nets = Array.from({ length: 255 }, (_, net) => net + 1);
    const net = isHeld ? (nets.find((one) => !isTaken(one)) ?? 0) : 0;
    const isOnlySix = dialled.some((possible) => possible.every((at) => at.startsWith("[")));
    const first = isOnlySix ? "IPv6 has one loopback address: go to 127.0.0.1, and " : "";
    return `${first}leave from several addresses: --local-address 127.${net}.0.0/${bits}`;
  }
  const count = `${formatCount(needed)} ${isHeld ? "other " : ""}${needed === 1 ? "address" : "addresses"}`;
  return `leave from ${count} of this machine: --local-address FIRST-LAST or a block (repeatable; \`ip addr add\` gives it more)`;
}

function refuse(message: string, hint: string): WsctlError {
  return new WsctlError("WSCTL_EPREFLIGHT", message, { hint });
}

async function read(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch {
    return "";
  }
}
