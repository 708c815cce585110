/**
 * Owns what the kernel tells of its queues of TCP: how much lies in them unread, of which connection,
 * and how much may. Linux only: elsewhere nothing is known.
 */
import { readFileSync } from "node:fs";
import { isIPv4, isIPv6, type Socket } from "node:net";
import { endianness } from "node:os";
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
  /** By both ends, `0100007F:9C40 0100007F:1F90` as the tables have them: bytes to be sent, and received. */
  readonly #rows = new Map<string, readonly [sending: number, received: number]>();

  /** @param tables content of /proc/net/tcp and tcp6 */
  constructor(tables = `${textOf("/proc/net/tcp")}${textOf("/proc/net/tcp6")}`) {
    const rows = tables.matchAll(
      /^ *\d+: (?<near>[\dA-F]+:[\dA-F]{4}) (?<far>[\dA-F]+:[\dA-F]{4}) 01 (?<sending>[\dA-F]{8}):(?<received>[\dA-F]{8})/gm,
    );
    for (const { groups } of rows) {
      const { near = "", far = "", sending = "", received = "" } = groups ?? {};
      const key = `${plain(near)} ${plain(far)}`;
      this.#rows.set(key, [parseInt(sending, 16), parseInt(received, 16)]);
    }
  }

  /** What lies in the queues of that connection; undefined when the tables have no such one. */
  of({ localPort, remotePort, localAddress, remoteAddress }: Ends): Queued | undefined {
    const near = endOf(localAddress, localPort);
    const far = endOf(remoteAddress, remotePort);
    const here = near && far ? this.#rows.get(`${near} ${far}`) : undefined;
    if (!here) return undefined;
    // Only of a connection within this machine the other end stands in its tables.
    const isWithin = remoteAddress === localAddress || isLoopback(remoteAddress ?? "");
    const there = isWithin ? this.#rows.get(`${far} ${near}`) : undefined;
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

/** Words of 32 bits stand in the tables as the machine keeps them. */
const isLittle = endianness() === "LE";
/** How IPv4 begins in the table of IPv6, where a socket serves both. */
const mapped = `${"0".repeat(16)}${isLittle ? "FFFF0000" : "0000FFFF"}`;

/** An end as the tables have it; of an address of IPv4 its own form alone. */
function plain(end: string): string {
  return end.startsWith(mapped) ? end.slice(mapped.length) : end;
}

/** One end of a connection as the tables have it; undefined when it has no address and port. */
function endOf(address = "", port: number | undefined): string | undefined {
  const bytes = port === undefined ? undefined : bytesOf(address);
  if (!bytes) return undefined;
  const text = (isLittle ? bytes.swap32() : bytes).toString("hex");
  return `${text}:${port!.toString(16).padStart(4, "0")}`.toUpperCase();
}

/** An address's bytes, 4 or 16; undefined when it is none. */
function bytesOf(address: string): Buffer | undefined {
  const bare = address.replace(/%.*$/, "").replace(/^::ffff:(?=\d+\.)/i, "");
  if (isIPv4(bare)) return Buffer.from(bare.split(".").map(Number));
  // A dotted tail of any other kind is not what sockets say of themselves.
  if (!isIPv6(bare) || bare.includes(".")) return undefined;
  const [head = "", tail] = bare.split("::");
  const groups = (part: string): number[] =>
    part === "" ? [] : part.split(":").map((group) => parseInt(group, 16));
  const [front, back] = [groups(head), groups(tail ?? "")];
  const between = Array.from({ length: 8 - front.length - back.length }, () => 0);
  const bytes = Buffer.alloc(16);
  for (const [at, group] of [...front, ...between, ...back].entries()) {
    bytes.writeUInt16BE(group, at * 2);
  }
  return bytes;
}
