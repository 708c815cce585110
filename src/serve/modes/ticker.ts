/**
 * Owns the mode ticker: prices that change all the time, in JSON, with a sequence number per symbol,
 * so that gaps can be seen and closed.
 *
 * What a client says; `id` (a number or a text) is optional and comes back in the reply, `symbols`
 * are all unless given:
 *
 *     {"op":"subscribe","symbols":["AAPL"]}
 *     {"op":"unsubscribe","symbols":["AAPL"]}
 *     {"op":"resume","from":{"AAPL":17}}             subscribes, and sends what came after 17 again
 *     {"op":"resume","symbols":["AAPL"],"from":17}   the same; with "node" only if it is still that one
 *
 * What it hears in reply; without an id, `ok` is not sent:
 *
 *     {"op":"snapshot","id":1,"re":"subscribe","at":…,"node":"node-1","quotes":[{"symbol":"AAPL","seq":17,"price":191.2}]}
 *     {"op":"ok","id":2,"re":"unsubscribe","symbols":["AAPL"]}
 *     {"op":"resumed","id":3,"re":"resume","at":…,"node":"node-1","replayed":12,"gaps":0,"quotes":[…]}
 *     {"op":"error","id":4,"re":"subscribe","code":"unknown-symbol","error":"there is no symbol \"APPL\""}
 *
 * What subscribers hear, of each symbol 1, 2, 3 …, after a snapshot with seq n: n + 1, n + 2 …
 *
 *     {"op":"update","symbol":"AAPL","seq":18,"price":191.22,"at":1767225600000,"node":"node-1"}
 *     {"op":"gap","symbol":"AAPL","from":18,"to":2040}   only after resume: these are no longer kept
 *
 * After `resume` the replayed updates come first, then `resumed` with where every symbol stands. A
 * client that reads too slowly misses updates: it sees a gap in seq, and can resume.
 *
 * In a fleet one node is the source of all updates: `node` is the one that numbered them, whichever
 * node tells, and snapshots have with `via` the node that tells. When another becomes the source:
 *
 *     {"op":"source","symbol":"AAPL","seq":17,"price":191.2,"at":…,"node":"node-2"}   next is its 18
 */
import { WsctlError } from "../../base/errors.js";
import { nearest } from "../../base/nearest.js";
import { parseCount, parseRate } from "../../base/quantity.js";
import { Random, seedOf } from "../../base/random.js";
import { safeLine } from "../../base/safe-text.js";
import { isJsonArray, isJsonObject, member, type JsonValue } from "../../message/json.js";
import type { BackplaneStats } from "../backplane-fleet.js";
import { fleetFlags } from "../backplane-place.js";
import { startBeat } from "../beat.js";
import type { FlagSpec } from "../flag.js";
import type { Mode, ModeKind, ModeSetup } from "../mode.js";
import { Outlet } from "../outlet.js";
import type { Peer } from "../peer.js";
import { Desk, isMistake, type Handler, type Mistake, type Outcome } from "./desk.js";
import { Instrument, type Standing } from "./ticker/instrument.js";
import { TickerFleet } from "./ticker/ticker-fleet.js";

const mostSymbols = 100;
const highestRate = 100_000;
const mostKept = 100_000;
/** Bytes of a request, and bytes that may wait for one client. */
const largestRequest = 16 * 1024;
const backlog = 8 * 1024 ** 2;

const flags = [
  { flag: "--tick <rate>", summary: "updates of all symbols together", default: "100/s" },
  {
    flag: "--symbols <list>",
    summary: "what is traded",
    default: "AAPL,AMZN,GOOG,META,MSFT,NVDA,ORCL,TSLA",
  },
  { flag: "--replay <count>", summary: "updates kept per symbol for resume", default: "1000" },
] as const satisfies readonly FlagSpec[];

/** Prices that change all the time. */
export const ticker: ModeKind = {
  summary: "prices that change all the time, with sequence numbers, snapshots and resume (JSON)",
  flags: [...flags, ...fleetFlags],
  page: true,
  needsFleet: true,
  create: (setup) => new Ticker(setup),
};

class Ticker implements Mode {
  readonly #outlet = new Outlet(backlog);
  readonly #instruments: ReadonlyMap<string, Instrument>;
  readonly #desk: Desk<Peer>;
  readonly #node: string;
  readonly #fleet: TickerFleet | undefined;
  readonly #stop: () => void;
  #updates = 0;

  constructor({ values, seed, node, log, fleet }: ModeSetup) {
    const rate = values.read("tick", parseTick) ?? parseTick(flags[0].default);
    const symbols = values.read("symbols", parseSymbols) ?? parseSymbols(flags[1].default);
    const kept = values.read("replay", parseKept) ?? parseKept(flags[2].default);
    const random = new Random(seedOf(seed, "ticker"));
    const setup = { outlet: this.#outlet, random, source: () => this.#source, kept };
    this.#node = node;
    this.#instruments = new Map(symbols.map((symbol) => [symbol, new Instrument(symbol, setup)]));
    this.#fleet = fleet && new TickerFleet(fleet, node, this.#instruments);
    const handlers: ReadonlyMap<string, Handler<Peer>> = new Map([
      ["subscribe", (peer, request) => this.#subscribe(peer, request)],
      ["unsubscribe", (peer, request) => this.#unsubscribe(peer, request)],
      ["resume", (peer, request) => this.#resume(peer, request)],
    ]);
    this.#desk = new Desk(handlers, { outlet: this.#outlet, largest: largestRequest });
    const all = [...this.#instruments.values()];
    const due = (count: number): void => {
      if (this.#fleet && !this.#fleet.moves) return;
      const at = Date.now();
      const moves: Standing[] = [];
      for (let n = 0; n < count; n++) moves.push(all[random.int(0, all.length - 1)]!.move(at));
      this.#updates += count;
      this.#fleet?.publish(at, moves);
    };
    this.#stop = startBeat({ rate, now: () => log.now(), due });
  }

  async start(): Promise<void> {
    await this.#fleet?.start();
  }

  accept(peer: Peer): void {
    peer.onMessage = (data) => this.#desk.serve(peer, peer, data);
    peer.onClose(() => {
      for (const { listeners } of this.#instruments.values()) listeners.delete(peer);
    });
  }

  async close(): Promise<void> {
    this.#stop();
    await this.#fleet?.close();
  }

  stats(): Readonly<Record<string, number>> {
    const source = this.#fleet && { source: this.#fleet.moves ? 1 : 0 };
    return { updates: this.#updates, skipped: this.#outlet.skipped, ...source };
  }

  backplane(): BackplaneStats | undefined {
    return this.#fleet?.backplane.stats();
  }

  /** The server whose numbers the updates have. */
  get #source(): string {
    return this.#fleet?.source ?? this.#node;
  }

  #subscribe(peer: Peer, request: JsonValue): Outcome {
    const chosen = this.#chosen(member(request, "symbols"));
    if (isMistake(chosen)) return chosen;
    for (const { listeners } of chosen) listeners.add(peer);
    return { op: "snapshot", ...this.#standing(chosen) };
  }

  #unsubscribe(peer: Peer, request: JsonValue): Outcome {
    const chosen = this.#chosen(member(request, "symbols"));
    if (isMistake(chosen)) return chosen;
    for (const { listeners } of chosen) listeners.delete(peer);
    return { symbols: chosen.map(({ symbol }) => symbol) };
  }

  #resume(peer: Peer, request: JsonValue): Outcome {
    const from = member(request, "from");
    const symbols = isJsonObject(from) ? Object.keys(from) : member(request, "symbols");
    const chosen = this.#chosen(symbols);
    if (isMistake(chosen)) return chosen;
    const seen = chosen.map(({ symbol }) => (isJsonObject(from) ? member(from, symbol) : from));
    if (!seen.every(isSeq)) {
      return { code: "bad-request", error: 'from is a seq, or seqs by symbol: {"AAPL":17}' };
    }
    // The numbers of another server, such as this one before a restart, mean nothing here.
    const node = member(request, "node") ?? this.#source;
    let [replayed, gaps] = [0, 0];
    for (const [at, instrument] of chosen.entries()) {
      instrument.listeners.add(peer);
      const gap = instrument.gapAfter(node === this.#source ? seen[at]! : Infinity);
      if (gap) {
        gaps++;
        this.#outlet.sendJson(peer, { op: "gap", symbol: instrument.symbol, ...gap });
      } else replayed += instrument.replay(peer, seen[at]!);
    }
    return { op: "resumed", replayed, gaps, ...this.#standing(chosen) };
  }

  #standing(chosen: readonly Instrument[]): Readonly<Record<string, unknown>> {
    const quotes = chosen.map(({ quote }) => quote);
    const via = this.#fleet && { via: this.#node };
    return { at: Date.now(), node: this.#source, ...via, quotes };
  }

  #chosen(symbols: JsonValue | undefined): readonly Instrument[] | Mistake {
    if (symbols === undefined) return [...this.#instruments.values()];
    if (!isJsonArray(symbols)) {
      return { code: "bad-request", error: 'symbols is a list of texts: ["AAPL"]' };
    }
    // The same symbol twice is one, or a short request could ask for endless replays.
    const chosen = new Set<Instrument>();
    for (const symbol of symbols) {
      if (typeof symbol !== "string") {
        return { code: "bad-request", error: `a symbol is a text: ${known(this.#instruments)}` };
      }
      const instrument = this.#instruments.get(symbol);
      if (!instrument) return this.#unknown(symbol);
      chosen.add(instrument);
    }
    return [...chosen];
  }

  #unknown(symbol: string): Mistake {
    const guess = nearest(symbol, this.#instruments.keys());
    const hint = guess ? `did you mean ${guess}?` : known(this.#instruments);
    return { code: "unknown-symbol", error: `no symbol "${safeLine(symbol, 20)}": ${hint}` };
  }
}

function known(instruments: ReadonlyMap<string, Instrument>): string {
  return `there are ${[...instruments.keys()].join(", ")}`;
}

function isSeq(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function parseTick(text: string): number {
  const rate = parseRate(text);
  if (rate > 0 && rate <= highestRate) return rate;
  throw new WsctlError("WSCTL_EUSAGE", `${text} is out of range`, {
    hint: `from anything above 0 to ${highestRate}/s`,
  });
}

function parseKept(text: string): number {
  const count = parseCount(text);
  if (count <= mostKept) return count;
  throw new WsctlError("WSCTL_EUSAGE", `${text} is too many`, { hint: `at most ${mostKept}` });
}

function parseSymbols(text: string): string[] {
  const symbols = [...new Set(text.split(",").map((symbol) => symbol.trim()))];
  if (symbols.length <= mostSymbols && symbols.every((one) => /^[\w.:/-]{1,20}$/.test(one))) {
    return symbols;
  }
  throw new WsctlError("WSCTL_EUSAGE", `"${safeLine(text, 60)}" is no list of symbols`, {
    hint: `write it like AAPL,EUR/USD: at most ${mostSymbols}, each of at most 20 characters`,
  });
}
