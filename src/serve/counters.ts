/**
 * Owns the server's exact counters, in total and per run of `wsctl load`: the truth that a load
 * generator's own figures are held against.
 */

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
    /** What really left: sent, less what faults dropped, and what they doubled twice. */
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
}

/** The faults that change how many messages leave. */
const dropping = "drop";
const doubling = "dup";

/** Counts for one run, or for all together. */
export class Counters {
  open = 0;
  opened = 0;
  received = 0;
  sent = 0;
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

  closed(code: number): void {
    this.open--;
    this.#closes.set(code, (this.#closes.get(code) ?? 0) + 1);
  }

  stats(): Stats {
    const injected = Object.fromEntries(this.#injected);
    const delivered = this.sent - (injected[dropping] ?? 0) + (injected[doubling] ?? 0);
    return {
      $schema: "wsctl.stats/1",
      connections: { open: this.open, opened: this.opened, peak: this.#peak },
      messages: {
        received: this.received,
        sent: this.sent,
        delivered,
        dropped: this.dropped,
      },
      bytes: { received: this.bytesReceived, sent: this.bytesSent },
      closes: Object.fromEntries(this.#closes),
      injected,
    };
  }
}

/** So many runs are told apart; the oldest is forgotten, since ids come from the other side. */
const runsKept = 1000;
const runId = /^[\w.-]{1,64}$/;

/** The counters of a server. */
export class Truth {
  readonly total = new Counters();
  readonly #runs = new Map<string, Counters>();

  /** The counters of that run, made when it is first heard of; undefined for no valid id. */
  run(id: string | undefined): Counters | undefined {
    if (id === undefined || !runId.test(id)) return undefined;
    let counters = this.#runs.get(id);
    if (!counters) {
      counters = new Counters();
      this.#runs.set(id, counters);
      if (this.#runs.size > runsKept) this.#runs.delete(this.#runs.keys().next().value!);
    }
    return counters;
  }

  /** The counters of a run that was heard of. */
  known(id: string): Counters | undefined {
    return this.#runs.get(id);
  }
}
