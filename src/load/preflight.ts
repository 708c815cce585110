/**
 * Owns the look at this machine's limits before anything is opened: what would make a run fail half
 * way is said at once, with the remedy. On systems without /proc the limits are unknown and pass.
 */
import { readFile } from "node:fs/promises";
import { WsctlError } from "../base/errors.js";
import { formatCount, formatSize } from "../base/quantity.js";

/** This machine's limits; undefined where the system does not tell. */
export interface Limits {
  /** File descriptors of one process, `ulimit -n`. */
  readonly fds: number | undefined;
  /** Local ports of one source address to one destination, those in TIME_WAIT taken off. */
  readonly ports: number | undefined;
  /** Local ports that are held in TIME_WAIT, all addresses together. */
  readonly timeWait: number;
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
  readonly targets: number;
  readonly localAddresses: number;
  readonly secure: boolean;
  /** Whether the server is one process of this machine with the same limits, started for the run. */
  readonly embedded?: boolean;
}

/** Files a worker needs beside its connections: pipes, epoll, modules, DNS. */
const fdMargin = 64;
/** Memory of one connection as it was measured, rounded up. */
const bytesEach = { plain: 16 * 1024, secure: 64 * 1024 };

/** Reads the limits. */
export async function readLimits(): Promise<Limits> {
  const [limits, range, sockets, memory] = await Promise.all([
    read("/proc/self/limits"),
    read("/proc/sys/net/ipv4/ip_local_port_range"),
    read("/proc/net/sockstat"),
    read("/proc/meminfo"),
  ]);
  const fds = /^Max open files\s+(\d+|unlimited)/m.exec(limits)?.[1];
  const [low, high] = range.trim().split(/\s+/).map(Number);
  // The tables of a machine with many sockets are large: they are not read for nothing.
  const isAnyWaiting = /^TCP:.*\btw [1-9]/m.test(sockets);
  const tables = isAnyWaiting ? ["/proc/net/tcp", "/proc/net/tcp6"].map(read) : [];
  const timeWait = portsInTimeWait((await Promise.all(tables)).join(""));
  const available = /^MemAvailable:\s+(\d+) kB/m.exec(memory)?.[1];
  return {
    fds: fds === undefined ? undefined : fds === "unlimited" ? Infinity : Number(fds),
    ports: low !== undefined && high !== undefined && high > 0 ? high - low + 1 : undefined,
    timeWait,
    memory: available === undefined ? undefined : Number(available) * 1024,
  };
}

/**
 * The local ends that a table of sockets has in TIME_WAIT, each once: ten thousand that a server
 * closed first all hold its one port, and none of those that clients need.
 */
function portsInTimeWait(table: string): number {
  const state = "06";
  const rows = table.matchAll(/^ *\d+: (?<local>\S+) \S+ (?<state>\S+)/gm);
  const held = new Set<string | undefined>();
  for (const { groups } of rows) if (groups?.["state"] === state) held.add(groups["local"]);
  return held.size;
}

/**
 * How many workers a run gets: what was asked for, else the larger of cores − 1 and what the fd
 * limit asks for, never more than connections.
 * @throws WsctlError WSCTL_EPREFLIGHT naming the limit and the remedy; WSCTL_EUSAGE for no workers
 */
export function preflight(demand: Demand, limits: Limits): number {
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
  const pairs = Math.max(1, demand.targets) * Math.max(1, demand.localAddresses);
  const ports = limits.ports === undefined ? Infinity : limits.ports * pairs - limits.timeWait;
  if (connections > ports) {
    const addresses = Math.ceil((connections + limits.timeWait) / (limits.ports! * demand.targets));
    throw refuse(
      `${formatCount(connections)} connections need as many local ports, but ${formatCount(ports)} are free` +
        (limits.timeWait > 0 ? ` (${formatCount(limits.timeWait)} sockets are in TIME_WAIT)` : ""),
      `use ${addresses} source addresses (--local-address, repeatable), more targets, or wait a minute for TIME_WAIT to pass`,
    );
  }
  const memory = connections * (demand.secure ? bytesEach.secure : bytesEach.plain);
  if (limits.memory !== undefined && memory > limits.memory) {
    throw refuse(
      `${formatCount(connections)} connections need about ${formatSize(memory)} of memory, but ${formatSize(limits.memory)} are free`,
      "ask for fewer connections, or use a machine with more memory",
    );
  }
  return workers;
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
