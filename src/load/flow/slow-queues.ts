/**
 * Owns what the kernel tells of its queues of TCP: how much lies in them unread, of which connection,
 * and how much may. Linux only: elsewhere nothing is known.
 */
import { readFileSync } from "node:fs";
import type { Socket } from "node:net";
import { isLoopback } from "../../dial/loopback.js";
import type { SlowConsumers } from "../../metrics/slow-consumers.js";

/** What lies in the queues of one connection, in bytes. */
export interface Queued {
  /** Received by this machine's kernel, and not read. */
  readonly received: number;
  /** Of the other side's kernel: not yet sent, or not yet acknowledged; undefined on another machine. */
  readonly sending: number | undefined;
}

/** The kernel's tables of sockets, as they were when it was made. */
export class KernelQueues {
  /** By ports, `40000:8080`, in hexadecimal: bytes to be sent, and received. */
  readonly #rows = new Map<string, readonly [sending: number, received: number]>();

  /** @param tables content of /proc/net/tcp and tcp6 */
  constructor(tables = `${textOf("/proc/net/tcp")}${textOf("/proc/net/tcp6")}`) {
    const rows = tables.matchAll(
      /^ *\d+: [\dA-F]+:(?<port>[\dA-F]{4}) [\dA-F]+:(?<toPort>[\dA-F]{4}) 01 (?<sending>[\dA-F]{8}):(?<received>[\dA-F]{8})/gm,
    );
    for (const { groups } of rows) {
      const { port = "", toPort = "", sending = "", received = "" } = groups ?? {};
      this.#rows.set(`${port}:${toPort}`, [parseInt(sending, 16), parseInt(received, 16)]);
    }
  }

  /** What lies in the queues of that connection; undefined when the tables have no such one. */
  of({ localPort, remotePort, localAddress, remoteAddress }: Ends): Queued | undefined {
    if (localPort === undefined || remotePort === undefined) return undefined;
    const here = this.#rows.get(`${hex(localPort)}:${hex(remotePort)}`);
    if (!here) return undefined;
    // Only of a connection within this machine the other end stands in its tables.
    const isWithin = remoteAddress === localAddress || isLoopback(remoteAddress ?? "");
    const there = isWithin ? this.#rows.get(`${hex(remotePort)}:${hex(localPort)}`) : undefined;
    return { received: here[1], sending: there?.[0] };
  }
}

type Ends = Pick<Socket, "localPort" | "remotePort" | "localAddress" | "remoteAddress">;

/** How much the kernel holds of a connection, as it says itself. */
export function kernelBuffers(): SlowConsumers["buffers"] {
  const [receive, send] = ["rmem", "wmem"].map((which) => {
    const text = textOf(`/proc/sys/net/ipv4/tcp_${which}`);
    const [, initial = NaN, most = NaN] = text.split(/\s+/).map(Number);
    return { initial, most };
  });
  return receive && send && receive.most > 0 && send.most > 0 ? { receive, send } : undefined;
}

/** A file of the system; nothing where there is none. */
function textOf(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}

function hex(port: number): string {
  return port.toString(16).toUpperCase().padStart(4, "0");
}
