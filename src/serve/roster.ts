/** Owns the list of open connections: who is there, and cutting a share of them off. */
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Random } from "../base/random.js";
import type { Counters } from "./counters.js";
import type { Peer } from "./peer.js";

/** How a connection is cut. */
export const cutWays = ["close", "fin", "reset", "silent"] as const;

/** Which connections to cut, and how. */
export interface CutOrder {
  /** 0–1 of those that are open, chosen at random. */
  readonly share: number;
  /**
   * `close`: a close frame; `fin`: TCP's end without one; `reset`: a TCP reset; `silent`: the
   * connection stays, and nothing comes from it any more.
   */
  readonly how: (typeof cutWays)[number];
  /** The code of the close frame. */
  readonly code: number;
}

/** An open connection, as it is told. */
interface ConnectionInfo {
  readonly connection: number;
  readonly run: string | undefined;
  readonly remote: string;
  readonly path: string;
  readonly origin: string | undefined;
  readonly subprotocol: string;
  /** Milliseconds since the upgrade. */
  readonly open: number;
  /** Bytes that wait to be sent. */
  readonly buffered: number;
}

/** Some of the open connections. */
export interface ConnectionList {
  /** How many there are in all. */
  readonly total: number;
  readonly connections: readonly ConnectionInfo[];
}

/** A connection with all that belongs to it. */
export interface Present {
  readonly peer: Peer;
  readonly socket: Socket;
  readonly counters: readonly Counters[];
  /** Resets the TCP connection underneath. */
  readonly reset: () => void;
  /** `performance.now()` at the upgrade. */
  readonly began: number;
}

/** A client that was sent the end has so many ms to end its side. */
const finGrace = 2000;

/** The open connections, the oldest first. */
export class Roster {
  readonly #present = new Map<number, Present>();
  readonly #lingering = new WeakSet<Peer>();
  readonly #random: Random;

  /** @param random chooses who is cut */
  constructor(random: Random) {
    this.#random = random;
  }

  add(present: Present): void {
    const { id } = present.peer;
    this.#present.set(id, present);
    present.peer.onClose(() => this.#present.delete(id));
  }

  all(): Iterable<Present> {
    return this.#present.values();
  }

  list(limit: number): ConnectionList {
    const connections: ConnectionInfo[] = [];
    const now = performance.now();
    for (const { peer, began } of this.#present.values()) {
      if (connections.length === limit) break;
      const { id, run, subprotocol, buffered } = peer;
      const facts = requestFacts(peer.request);
      connections.push({ connection: id, run, ...facts, subprotocol, open: now - began, buffered });
    }
    return { total: this.#present.size, connections };
  }

  /** Returns how many were cut. Who was cut and still lingers is not counted as open again. */
  cut({ share, how, code }: CutOrder): number {
    const all = [...this.#present.values()].filter(({ peer }) => !this.#lingering.has(peer));
    const count = Math.round(share * all.length);
    for (let at = 0; at < count; at++) {
      // The first steps of a Fisher–Yates shuffle draw without repetition.
      const drawn = this.#random.int(at, all.length - 1);
      [all[at], all[drawn]] = [all[drawn]!, all[at]!];
      this.#lingering.add(all[at]!.peer);
      cutOff(all[at]!, how, code);
    }
    return count;
  }
}

function cutOff({ peer, socket, reset }: Present, how: CutOrder["how"], code: number): void {
  switch (how) {
    case "close":
      peer.close(code, "cut off");
      return;
    case "fin": {
      socket.end();
      // What the mode still says would be a write after the end, and break the end.
      swallowWrites(socket);
      const late = setTimeout(() => socket.destroy(), finGrace).unref();
      peer.onClose(() => clearTimeout(late));
      return;
    }
    case "reset":
      reset();
      return;
    case "silent":
      silence(socket);
  }
}

/** What comes is taken and forgotten, what would leave does not; only the client's end is heard. */
function silence(socket: Socket): void {
  socket.removeAllListeners("data");
  socket.on("data", () => {});
  socket.resume();
  swallowWrites(socket);
}

function swallowWrites(socket: Socket): void {
  const swallow = (...args: readonly unknown[]): boolean => {
    const written = args.findLast((each) => typeof each === "function");
    if (written) setImmediate(written as () => void);
    return true;
  };
  Object.defineProperty(socket, "write", { value: swallow, configurable: true });
}

/** Who asked, from where and for what. */
export function requestFacts(request: IncomingMessage): {
  remote: string;
  path: string;
  origin: string | undefined;
} {
  const { remoteAddress = "", remotePort = 0 } = request.socket;
  const address = remoteAddress.includes(":") ? `[${remoteAddress}]` : remoteAddress;
  return {
    remote: `${address}:${remotePort}`,
    path: request.url ?? "",
    origin: request.headers.origin,
  };
}
