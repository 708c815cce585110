/**
 * Owns the ticker as one of several nodes: one of them is the source of all prices, and the others
 * hand on what it tells. When it dies another goes on counting from what it has heard.
 */
import { isJsonArray, type JsonValue, member } from "../../../message/json.js";
import { Backplane } from "../../backplane.js";
import type { FleetMember, FleetSetup } from "../../backplane-fleet.js";
import { type Envelope, isWhole } from "../../backplane-envelope.js";
import type { Instrument, Standing } from "./instrument.js";
import { SourceLock } from "./source-lock.js";

/** So many updates go in one message. */
const mostTogether = 500;

/** The other nodes, as the ticker sees them. */
export class TickerFleet implements FleetMember {
  readonly backplane: Backplane;
  /** The node whose numbers the instruments have. */
  source: string;
  readonly #instruments: ReadonlyMap<string, Instrument>;
  #lock: SourceLock | undefined;
  /** The life of the source. */
  #life = "";
  /** Symbols of which the present source has not told yet where they stand. */
  #unsettled = new Set<string>();

  constructor(setup: FleetSetup, node: string, instruments: ReadonlyMap<string, Instrument>) {
    this.backplane = new Backplane(setup, "ticker", node, this);
    this.source = node;
    this.#instruments = instruments;
  }

  /** Whether this node moves the prices. */
  get moves(): boolean {
    return this.#lock?.held === true;
  }

  /** @throws WsctlError when Redis cannot be reached */
  async start(): Promise<void> {
    // What others tell while it starts already has a term.
    this.#lock = new SourceLock(this.backplane, () => this.#won());
    await this.backplane.start();
    await this.#lock.ask();
  }

  async close(): Promise<void> {
    await this.#lock?.close();
    await this.backplane.close();
  }

  /** Tells the other nodes of updates. */
  publish(at: number, moves: readonly Standing[]): void {
    const term = this.#lock?.term ?? 0;
    for (let from = 0; from < moves.length; from += mostTogether) {
      const some = moves.slice(from, from + mostTogether);
      this.backplane.publish("updates", { term, at, moves: some }, { count: some.length });
    }
  }

  take(message: Envelope): boolean {
    const { kind, body } = message;
    const moves = readMoves(member(body, "moves"), this.#instruments);
    const [term, at] = [member(body, "term"), member(body, "at")];
    if (!moves || !isWhole(term) || !isWhole(at)) return false;
    const lock = this.#lock;
    if (!lock || term < lock.term) return false;
    if (kind !== "updates" && kind !== "standing") return false;
    if (term > lock.term || this.#life !== message.life) this.#follow(message, term);
    for (const [symbol, seq, cents] of moves) {
      const instrument = this.#instruments.get(symbol)!;
      const isUpdate = kind === "updates";
      if (this.#unsettled.delete(symbol)) {
        // Another source counts from there on, which may be behind what is known here.
        const before = isUpdate ? Math.max(0, seq - 1) : seq;
        if (!isUpdate || before !== instrument.quote.seq) instrument.stand(before, cents);
        instrument.tellSource(at);
      }
      if (isUpdate) instrument.take(seq, cents, at);
      else if (seq > instrument.quote.seq) instrument.stand(seq, cents);
    }
    return true;
  }

  *standing(): Iterable<readonly [kind: string, body: unknown]> {
    if (!this.moves) return;
    const moves = [...this.#instruments.values()].map(({ standing }) => standing);
    yield ["standing", { term: this.#lock?.term, at: Date.now(), moves }];
  }

  gone(life: string): void {
    // The lock it had may be free soon.
    if (life === this.#life) void this.#lock?.ask();
  }

  changed(up: boolean): void {
    if (up) this.#lock?.back();
  }

  #won(): void {
    const { life, node } = this.backplane;
    const change = this.#life !== life;
    this.#life = life;
    this.source = node;
    this.#unsettled.clear();
    for (const [kind, body] of this.standing()) this.backplane.inform(kind, body);
    if (!change) return;
    const at = Date.now();
    for (const instrument of this.#instruments.values()) instrument.tellSource(at);
  }

  #follow({ life, node }: Envelope, term: number): void {
    this.#life = life;
    this.source = node;
    if (this.#lock) this.#lock.term = term;
    this.#unsettled = new Set(this.#instruments.keys());
  }
}

/** Updates of symbols that are traded here; undefined when they make no sense. */
function readMoves(
  moves: JsonValue | undefined,
  known: ReadonlyMap<string, Instrument>,
): Standing[] | undefined {
  if (!isJsonArray(moves) || moves.length > mostTogether) return undefined;
  const read: Standing[] = [];
  for (const move of moves) {
    if (!isJsonArray(move)) return undefined;
    const [symbol, seq, cents] = move;
    if (typeof symbol !== "string" || !isWhole(seq) || !isWhole(cents)) return undefined;
    // Nodes may trade different symbols.
    if (known.has(symbol)) read.push([symbol, seq, cents]);
  }
  return read;
}
