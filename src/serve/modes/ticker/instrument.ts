/**
 * Owns one symbol of the ticker: its price, a random walk, the sequence of its updates, the newest
 * of them for who was away, and who listens.
 */
import type { Random } from "../../../base/random.js";
import type { Outlet } from "../../outlet.js";
import type { Peer } from "../../peer.js";

/** What all instruments share. */
export interface InstrumentSetup {
  readonly outlet: Outlet;
  readonly random: Random;
  /** How the server names itself. */
  readonly node: string;
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

  /** Moves the price and tells every listener; the update is encoded once. */
  move(at: number): void {
    const { outlet, random, node, kept } = this.#setup;
    const change = Math.round(this.#cents * step * (2 * random.float() - 1));
    this.#cents = Math.max(1, this.#cents + (change || (random.float() < 0.5 ? -1 : 1)));
    const update = { op: "update", ...this.quote, seq: ++this.#seq, at, node };
    const data = Buffer.from(JSON.stringify(update));
    if (kept > 0) this.#recent[this.#seq % kept] = data;
    for (const peer of this.listeners) outlet.send(peer, data);
  }

  /** What someone who has seen the update numbered `seen` can no longer get; undefined: nothing. */
  gapAfter(seen: number): Gap | undefined {
    // A number from the future was another server's: everything known so far is missing.
    const next = seen > this.#seq ? 1 : seen + 1;
    const oldest = Math.max(1, this.#seq - this.#setup.kept + 1);
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
}
