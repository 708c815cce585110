/**
 * Owns the look at this machine's limits before anything is opened: what would make a run fail half
 * way is said at once, with the remedy. On systems without /proc the limits are unknown and pass.
 */
import { readFile } from "node:fs/promises";
import { WsctlError } from "../base/errors.js";
import { formatCount, formatSize } from "../base/quantity.js";
import { localPorts, type LocalPorts, type PortUse } from "./local-ports.js";

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
    read("/proc/net/sockstat"),
    read("/proc/meminfo"),
  ]);
  const fds = /^Max open files\s+(\d+|unlimited)/m.exec(limits)?.[1];
  const [low = 0, high = 0] = range.trim().split(/\s+/).map(Number);
  // The tables of a machine with many sockets are large: they are not read for nothing.
  const isAnyThere = /^TCP:.*\b(?:inuse|tw) [1-9]/m.test(sockets);
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
  const perWorker = (limits.fds ?? Infinity) - fdMargin;
  const needed = Math.max(1, Math.ceil(connections / Math.max(1, perWorker)));
  const asked = demand.workers ?? Math.max(demand.cores - 1, needed, 1);
  if (asked < 1) throw new WsctlError("WSCTL_EUSAGE", "a run needs at least one worker");
  const workers = Math.min(connections, asked);
  const share = Math.ceil(connections / workers);
  if (share > perWorker) {
    throw refuse(
      `a worker would need ${formatCount(share + fdMargin)} file descriptors, but may have ${formatCount(limits.fds!)}`,
      `raise the limit with \`ulimit -n ${share + fdMargin}\`, or use --workers ${needed}`,
    );
  }
  if (demand.embedded && connections > perWorker) {
    throw refuse(
      `the embedded server would need ${formatCount(connections + fdMargin)} file descriptors, but may have ${formatCount(limits.fds!)}`,
      `raise the limit with \`ulimit -n ${connections + fdMargin}\`, or load a server of its own by its URL`,
    );
  }
  const warnings = checkPorts(connections, demand.portUse, limits.ports);
  const memory = connections * (demand.secure ? bytesEach.secure : bytesEach.plain);
  if (limits.memory !== undefined && memory > limits.memory) {
    throw refuse(
      `${formatCount(connections)} connections need about ${formatSize(memory)} of memory, but ${formatSize(limits.memory)} are free`,
      "ask for fewer connections, or use a machine with more memory",
    );
  }
  return { workers, warnings };
}

/**
 * Holds the connections against the local ports, shared out evenly as the engine does.
 * @throws WsctlError WSCTL_EPREFLIGHT
 */
function checkPorts(
  connections: number,
  use: PortUse,
  ports: LocalPorts | undefined,
): Clearance["warnings"] {
  const isBound = use.localAddresses.length > 0;
  const sources = isBound ? use.localAddresses.length : use.destinations.length;
  if (ports === undefined || use.destinations.length === 0) return [];
  const share = Math.ceil(connections / sources);
  const free = Math.max(0, ports.range - ports.held);
  const quick = Math.floor(ports.range * (isBound ? quickShare.bound : quickShare.free));
  const place = isBound ? "a local address" : "a destination";
  const needed = Math.ceil(connections / (ports.range * quickShare.bound));
  if (share > free) {
    const held =
      ports.held === 0
        ? ""
        : `; ${formatCount(ports.held)} of ${formatCount(ports.range)} are in use, ${formatCount(ports.timeWait)} of them in TIME_WAIT`;
    throw refuse(
      `${formatCount(share)} connections of ${place} need as many local ports, but ${formatCount(free)} are free${held}`,
      `${spread(needed, use)}${ports.timeWait > 0 ? ", or wait a minute for TIME_WAIT to pass" : ""}`,
    );
  }
  if (share + ports.held <= quick) return [];
  return [
    {
      message: `with more than ${formatCount(quick)} connections of ${place} the kernel searches long for a free local port: opening becomes slow`,
      hint: spread(needed, use),
    },
  ];
}

/** What gives a run enough addresses to leave from. */
function spread(needed: number, { destinations }: PortUse): string {
  const isLocal = destinations.every((at) => /^(?:localhost|127\.[\d.]+):\d+$/.test(at));
  if (isLocal) {
    // A block is without its first and last address.
    const bits = Math.min(28, 32 - Math.ceil(Math.log2(needed + 2)));
    return `leave from several addresses: --local-address 127.0.0.0/${bits}`;
  }
  return `leave from ${formatCount(needed)} addresses of this machine: --local-address FIRST-LAST or a block (repeatable; \`ip addr add\` gives it more)`;
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
