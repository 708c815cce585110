/**
 * Owns one symbol of the ticker: its price, a random walk, the sequence of its updates, the newest
 * of them for who was away, and who listens. In a fleet one node moves the price, and the others
 * take what it tells.
 */
import type { Random } from "../../../base/random.js";
import type { Outlet } from "../../outlet.js";
import type { Peer } from "../../peer.js";

/** What all instruments share. */
export interface InstrumentSetup {
  readonly outlet: Outlet;
  readonly random: Random;
  /** The server whose numbers these are. */
  readonly source: () => string;
  /** Updates kept for `resume`. */
  readonly kept: number;
}

/** What is told of a symbol without an update: in snapshots. */
export interface Quote {
  readonly symbol: string;
  /** Of the last update; 0 before the first. */
  readonly seq: number;
  readonly price: number;
}

/** Numbers from the first to the last update that a client will never get. */
export interface Gap {
  readonly from: number;
  readonly to: number;
}

/** Where a symbol stands, as nodes tell each other. */
export type Standing = readonly [symbol: string, seq: number, cents: number];

/** The most that a price moves in one update, as a share of it. */
const step = 0.002;

/** One symbol. */
export class Instrument {
  readonly symbol: string;
  readonly listeners = new Set<Peer>();
  readonly #setup: InstrumentSetup;
  /** The update with number n lies at n % kept. */
  readonly #recent: Buffer[] = [];
  #seq = 0;
  /** From this number on none is missing among the recent. */
  #whole = 1;
  /** Whole cents, so that what is written is what is meant. */
  #cents: number;

  constructor(symbol: string, setup: InstrumentSetup) {
    this.symbol = symbol;
    this.#setup = setup;
    this.#cents = setup.random.int(2000, 50_000);
  }

  get quote(): Quote {
    return { symbol: this.symbol, seq: this.#seq, price: this.#cents / 100 };
  }

  get standing(): Standing {
    return [this.symbol, this.#seq, this.#cents];
  }

  /** Moves the price and tells every listener; returns where it stands. */
  move(at: number): Standing {
    const { random } = this.#setup;
    const change = Math.round(this.#cents * step * (2 * random.float() - 1));
    this.#cents = Math.max(1, this.#cents + (change || (random.float() < 0.5 ? -1 : 1)));
    this.#seq++;
    this.#tell(at);
    return this.standing;
  }

  /** Takes an update of the source and tells every listener; false when it is no news. */
  take(seq: number, cents: number, at: number): boolean {
    if (seq <= this.#seq) return false;
    if (seq > this.#seq + 1) this.#whole = seq;
    this.#seq = seq;
    this.#cents = cents;
    this.#tell(at);
    return true;
  }

  /** The source says where it stands, without an update. */
  stand(seq: number, cents: number): void {
    if (seq !== this.#seq) this.#whole = seq + 1;
    this.#seq = seq;
    this.#cents = cents;
  }

  /** Tells every listener that another server counts from now on. */
  tellSource(at: number): void {
    this.#send({ op: "source", ...this.quote, at, node: this.#setup.source() });
  }

  /** What someone who has seen the update numbered `seen` can no longer get; undefined: nothing. */
  gapAfter(seen: number): Gap | undefined {
    // A number from the future was another server's: everything known so far is missing.
    const next = seen > this.#seq ? 1 : seen + 1;
    const oldest = Math.max(this.#whole, this.#seq - this.#setup.kept + 1);
    return next < oldest || seen > this.#seq ? { from: next, to: this.#seq } : undefined;
  }

  /** Sends the updates after `seen` again, all of which must be kept; returns how many those are. */
  replay(peer: Peer, seen: number): number {
    for (let seq = seen + 1; seq <= this.#seq; seq++) {
      const data = this.#recent[seq % this.#setup.kept];
      if (data) this.#setup.outlet.send(peer, data);
    }
    return this.#seq - seen;
  }

  #tell(at: number): void {
    const { kept, source } = this.#setup;
    const data = this.#send({ op: "update", ...this.quote, at, node: source() });
    if (kept > 0) this.#recent[this.#seq % kept] = data;
  }

  /** Encodes once, for all. */
  #send(value: unknown): Buffer {
    const data = Buffer.from(JSON.stringify(value));
    for (const peer of this.listeners) this.#setup.outlet.send(peer, data);
    return data;
  }
}
