/** Owns which connections the faults sit on: none until there are faults, then every one. */
import type { Socket } from "node:net";
import type { FaultInfo, FaultLine, FaultSet } from "../faults/fault-set.js";
import type { Counters } from "./counters.js";
import { interpose } from "./interpose.js";
import type { Roster } from "./roster.js";

/** Puts faults between the server and its sockets. */
export class FaultLines {
  readonly #faults: FaultSet;
  readonly #roster: Roster;
  readonly #lines = new WeakMap<Socket, FaultLine>();

  constructor(faults: FaultSet, roster: Roster) {
    this.#faults = faults;
    this.#roster = roster;
  }

  /** A connection whose upgrade was not answered yet. */
  begin(socket: Socket, index: number, counters: readonly Counters[]): void {
    if (this.#faults.active) this.#put(socket, index, counters);
  }

  /** The line of a connection, if there is one. */
  of(socket: Socket): FaultLine | undefined {
    return this.#lines.get(socket);
  }

  /**
   * Adds a fault to every connection, those that are open too.
   * @throws WsctlError WSCTL_EUSAGE for a fault that cannot be understood
   */
  add(spec: string): FaultInfo {
    const info = this.#faults.add(spec);
    this.#reachAll();
    return info;
  }

  /** Freezes the server for so many ms; 0 ends a freeze. */
  stall(ms: number): void {
    if (ms === 0) {
      this.#faults.thaw();
      return;
    }
    this.#reachAll();
    this.#faults.stall(ms);
  }

  #reachAll(): void {
    for (const { peer, socket, counters } of this.#roster.all()) {
      peer.line = this.#put(socket, peer.id, counters, peer.socket.extensions);
    }
  }

  /** @param extensions that were agreed, where the 101 has left */
  #put(
    socket: Socket,
    index: number,
    counters: readonly Counters[],
    extensions?: string,
  ): FaultLine {
    const there = this.#lines.get(socket);
    if (there) return there;
    const line = interpose(socket, this.#faults, {
      index,
      opened: extensions !== undefined,
      extensions,
      injected(name, count) {
        for (const each of counters) each.injected(name, count);
      },
      undelivered(change) {
        for (const each of counters) each.undelivered += change;
      },
    });
    this.#lines.set(socket, line);
    return line;
  }
}
