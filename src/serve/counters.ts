/**
 * Owns the server's exact counters, in total and per run of `wsctl load`: the truth that a load
 * generator's own figures are held against.
 */

import type { BackplaneStats } from "./backplane-fleet.js";

/** What was counted, as `/stats` tells it. */
export interface Stats {
  readonly $schema: "wsctl.stats/1";
  readonly connections: {
    readonly open: number;
    readonly opened: number;
    /** The most that were open at once. */
    readonly peak: number;
  };
  readonly messages: {
    readonly received: number;
    /** What the mode sent. */
    readonly sent: number;
    /** What was handed to TCP: sent, less what faults hold back or lost, and with what they added. */
    readonly delivered: number;
    /** What a guard kept from slow clients; not among those sent. */
    readonly dropped: number;
  };
  /** Payload bytes of messages. */
  readonly bytes: { readonly received: number; readonly sent: number };
  /** Close code → how many connections ended with it. */
  readonly closes: Readonly<Record<string, number>>;
  /** Fault → how often it struck. */
  readonly injected: Readonly<Record<string, number>>;
  /** What only the mode counts; told of the whole server, not of runs. */
  readonly mode?: Readonly<Record<string, number>>;
  /** Of a node of a fleet; of the whole server, not of runs. */
  readonly backplane?: BackplaneStats;
}

/** Counts for one run, or for all together. */
export class Counters {
  open = 0;
  opened = 0;
  received = 0;
  sent = 0;
  /** Messages among the sent that did not leave, or not yet; less those that only faults sent. */
  undelivered = 0;
  dropped = 0;
  bytesReceived = 0;
  bytesSent = 0;
  #peak = 0;
  readonly #closes = new Map<number, number>();
  readonly #injected = new Map<string, number>();

  accepted(): void {
    this.opened++;
    this.open++;
    if (this.open > this.#peak) this.#peak = this.open;
  }

  /** A fault struck so many times. */
  injected(fault: string, count: number): void {
    this.#injected.set(fault, (this.#injected.get(fault) ?? 0) + count);
  }

  /** Takes over what was counted elsewhere before the connection was accepted. */
  takeEarly(early: Counters): void {
    this.undelivered += early.undelivered;
    for (const [fault, count] of early.#injected) this.injected(fault, count);
  }

  closed(code: number): void {
    this.open--;
    this.#closes.set(code, (this.#closes.get(code) ?? 0) + 1);
  }

  stats(): Stats {
    return {
      $schema: "wsctl.stats/1",
      connections: { open: this.open, opened: this.opened, peak: this.#peak },
      messages: {
        received: this.received,
        sent: this.sent,
        delivered: this.sent - this.undelivered,
        dropped: this.dropped,
      },
      bytes: { received: this.bytesReceived, sent: this.bytesSent },
      closes: Object.fromEntries(this.#closes),
      injected: Object.fromEntries(this.#injected),
    };
  }
}

/** So many runs are told apart; then one is forgotten, since ids come from the other side. */
const runsKept = 1000;
const runId = /^[\w.-]{1,64}$/;

/** The counters of a server. */
export class Truth {
  readonly total = new Counters();
  readonly #runs = new Map<string, Counters>();

  /**
   * What to count with for a run while a connection asks to come in: its counters, or new ones that
   * it only gets by {@link enter}; undefined for no valid id.
   */
  atTheDoor(id: string | undefined): Counters | undefined {
    if (id === undefined || !runId.test(id)) return undefined;
    return this.#runs.get(id) ?? new Counters();
  }

  /**
   * A connection of a run came in: the counters of the run, from now on known.
   * @param early what {@link atTheDoor} gave
   */
  enter(id: string, early: Counters): Counters {
    const known = this.#runs.get(id);
    if (known) {
      if (known !== early) known.takeEarly(early);
      return known;
    }
    if (this.#runs.size >= runsKept) this.#runs.delete(this.#leastMissed());
    this.#runs.set(id, early);
    return early;
  }

  /** The oldest run without an open connection; the oldest when all have one. */
  #leastMissed(): string {
    for (const [id, { open }] of this.#runs) if (open === 0) return id;
    return this.#runs.keys().next().value!;
  }

  /** The counters of a run that was heard of. */
  known(id: string): Counters | undefined {
    return this.#runs.get(id);
  }
}
