/** Owns the list of open connections: who is there, and cutting a share of them off. */
import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Random } from "../base/random.js";
import type { Counters } from "./counters.js";
import type { Peer } from "./peer.js";
import { pathOf } from "./target.js";

/** How a connection is cut. */
export const cutWays = ["close", "fin", "reset", "silent"] as const;

/** Which connections to cut, and how. */
export interface CutOrder {
  /** How many, chosen at random; all when there are fewer. */
  readonly count: number;
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
  /** Who was sent the end and still lingers. */
  readonly #ending = new WeakSet<Peer>();
  /** Who was cut silently. */
  readonly #silent = new WeakSet<Peer>();
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

  /**
   * How many can be cut like that. Who was cut and still lingers is not open again; who was cut
   * silently hears no close frame, but can be ended.
   */
  cuttable(how: CutOrder["how"]): number {
    return this.#cuttable(how).length;
  }

  /** Returns how many were cut. */
  cut({ count, how, code }: CutOrder): number {
    const all = this.#cuttable(how);
    const most = Math.min(count, all.length);
    for (let at = 0; at < most; at++) {
      // The first steps of a Fisher–Yates shuffle draw without repetition.
      const drawn = this.#random.int(at, all.length - 1);
      [all[at], all[drawn]] = [all[drawn]!, all[at]!];
      (how === "silent" ? this.#silent : this.#ending).add(all[at]!.peer);
      cutOff(all[at]!, how, code);
    }
    return most;
  }

  #cuttable(how: CutOrder["how"]): Present[] {
    const ends = how === "fin" || how === "reset";
    return [...this.#present.values()].filter(
      ({ peer }) => !this.#ending.has(peer) && (ends || !this.#silent.has(peer)),
    );
  }
}

function cutOff({ peer, socket, reset }: Present, how: CutOrder["how"], code: number): void {
  switch (how) {
    case "close":
      peer.close(code, "cut off");
      return;
    case "fin": {
      peer.mute();
      socket.end();
      // What the mode still says would be a write after the end, and break the end.
      swallowWrites(socket);
      const late = setTimeout(() => socket.destroy(), finGrace).unref();
      peer.onClose(() => clearTimeout(late));
      return;
    }
    case "reset":
      peer.mute();
      peer.line?.mute();
      reset();
      return;
    case "silent":
      peer.mute();
      peer.line?.mute();
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
  Object.defineProperty(socket, "write", {
    value: swallow,
    configurable: true,
    // Faults that come later take it for the socket's own, and put theirs in its place.
    writable: true,
  });
}

/** Who asked, from where and for what; without the query, which may hold credentials. */
export function requestFacts(request: IncomingMessage): {
  remote: string;
  path: string;
  origin: string | undefined;
} {
  const { remoteAddress = "", remotePort = 0 } = request.socket;
  const address = remoteAddress.includes(":") ? `[${remoteAddress}]` : remoteAddress;
  return {
    remote: `${address}:${remotePort}`,
    path: pathOf(request.url),
    origin: request.headers.origin,
  };
}
