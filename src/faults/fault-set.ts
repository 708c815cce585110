/** Owns the faults that are on, for all connections of one host, and how they are switched live. */
import { ActiveFault } from "./active-fault.js";
import type { Backends } from "./fault.js";
import { FaultLine } from "./fault-line.js";
import type { LineFacts, LineHost } from "./line-host.js";
import { Timers } from "./timers.js";

export type { Backends } from "./fault.js";
export type { FaultLine } from "./fault-line.js";
export type { LineFacts, LineHost } from "./line-host.js";

/** A fault that is on. */
export interface FaultInfo {
  readonly id: number;
  /** As it was written. */
  readonly spec: string;
  /** Such as `drop` or `close-1001`. */
  readonly name: string;
  /** How often it acted, all connections together. */
  readonly fired: number;
}

/** How a set is made. */
export interface FaultSetOptions {
  /** Seed of every random decision. */
  readonly seed: string;
  /** A monotonic clock in ms. */
  readonly now: () => number;
  /** Where connections can be led, by a host that leads them on. */
  readonly backends?: Backends | undefined;
  /** Whether the host may agree to permessage-deflate; true unless told. */
  readonly compression?: boolean | undefined;
}

/** Faults that are on together. What leaves passes them in the order in which they were added. */
export class FaultSet {
  readonly #options: FaultSetOptions;
  readonly #faults = new Map<number, { readonly fault: ActiveFault; readonly timers: Timers }>();
  readonly #lines = new Set<FaultLine>();
  /** How many faults of each name there have been. */
  readonly #ordinals = new Map<string, number>();
  readonly #timers = new Timers();
  #lastId = 0;
  /** Until when it freezes, by the fault that did it; 0 stands for the host. */
  readonly #freezes = new Map<number, number>();
  #stalledUntil = -Infinity;

  constructor(options: FaultSetOptions) {
    this.#options = options;
  }

  /** Whether anything can happen to what leaves: a fault is on, or a stall goes on. */
  get active(): boolean {
    return this.#faults.size > 0 || this.#isStalled();
  }

  /**
   * Turns a fault on, also for the connections that are there.
   *
   * @param spec such as `drop,p=1%`; the grammar stands in spec.ts
   * @throws WsctlError WSCTL_EUSAGE for an unknown name, a bad value or a bad option
   */
  add(spec: string): FaultInfo {
    const { seed, now, backends, compression = true } = this.#options;
    const id = this.#lastId + 1;
    const stall = (ms: number): void => this.#freeze(id, ms);
    const host = { seed, now, backends, compression, stall };
    const fault = new ActiveFault(id, spec, host, (name) => this.#ordinal(name));
    this.#lastId = id;
    const timers = new Timers();
    this.#faults.set(fault.id, { fault, timers });
    for (const line of this.#lines) line.attach(fault);
    fault.begin(timers);
    return info(fault);
  }

  /** Turns a fault off; what it held back goes on. False when there is no such fault. */
  remove(id: number): boolean {
    const entry = this.#faults.get(id);
    if (!entry) return false;
    this.#faults.delete(id);
    entry.timers.clear();
    for (const line of this.#lines) line.detach(entry.fault);
    if (this.#freezes.delete(id)) this.#thawTo(Math.max(-Infinity, ...this.#freezes.values()));
    return true;
  }

  /** The faults that are on, in the order of their work. */
  list(): FaultInfo[] {
    return [...this.#faults.values()].map(({ fault }) => info(fault));
  }

  /**
   * Freezes what leaves on all lines from now on for `ms`; one that goes on is prolonged, never cut
   * short. The messages that wait are reported as injected under the name `stall`.
   */
  stall(ms: number): void {
    this.#freeze(0, ms);
  }

  /** Ends a freeze that goes on. */
  thaw(): void {
    this.#freezes.clear();
    this.#thawTo(-Infinity);
  }

  /**
   * Where faults lead a connection that comes; undefined for where it leads anyway.
   *
   * @param arrival its number, what tells clients apart, and where it leads
   * @param injected is told the name of the fault that did it
   */
  divert(
    arrival: { readonly index: number; readonly client: string; readonly usual: string },
    injected: (name: string) => void,
  ): string | undefined {
    let other: string | undefined;
    for (const { fault } of this.#faults.values()) other ??= fault.divert(arrival, injected);
    return other;
  }

  /** Puts a connection under the faults. It stays until its `dispose`. */
  line(host: LineHost, facts: LineFacts): FaultLine {
    const line = new FaultLine(host, facts, {
      now: this.#options.now,
      stalled: () => this.#isStalled(),
      gone: (gone) => void this.#lines.delete(gone),
    });
    this.#lines.add(line);
    for (const { fault } of this.#faults.values()) line.attach(fault);
    return line;
  }

  /** Turns everything off: what was held goes on, and no timer is left but those of ending lines. */
  close(): void {
    for (const id of this.#faults.keys()) this.remove(id);
    this.thaw();
  }

  #isStalled(): boolean {
    return this.#options.now() < this.#stalledUntil;
  }

  #freeze(by: number, ms: number): void {
    const until = this.#options.now() + ms;
    if (until > (this.#freezes.get(by) ?? -Infinity)) this.#freezes.set(by, until);
    if (until <= this.#stalledUntil) return;
    this.#stalledUntil = until;
    this.#timers.clear();
    this.#thawLater();
  }

  /** The freeze ends earlier than it would have. */
  #thawTo(until: number): void {
    if (until === this.#stalledUntil) return;
    this.#stalledUntil = until;
    this.#timers.clear();
    if (this.#isStalled()) this.#thawLater();
    else for (const line of this.#lines) line.resume();
  }

  /** Waits for the end of the stall, and lets all lines go on. */
  #thawLater(): void {
    this.#timers.after(this.#stalledUntil - this.#options.now(), () => {
      if (this.#isStalled()) this.#thawLater();
      else for (const line of this.#lines) line.resume();
    });
  }

  #ordinal(name: string): number {
    const ordinal = this.#ordinals.get(name) ?? 0;
    this.#ordinals.set(name, ordinal + 1);
    return ordinal;
  }
}

function info({ id, spec, name, fired }: ActiveFault): FaultInfo {
  return { id, spec, name, fired };
}
