/**
 * Owns what one worker has measured since its last snapshot, and cuts the snapshots: figures of each
 * scenario in a scope of their own, and in the meter itself whatever belongs to none.
 */
import { safeLine } from "../base/safe-text.js";
import type { RunError, Throughput } from "../metrics/run-result.js";
import type { Figures, Snapshot } from "../metrics/snapshot.js";
import { Scope, type HotCounter } from "./scope.js";

/** Different kinds of errors kept; a hostile server could otherwise invent one a connection. */
const errorKinds = 50;

/** Counts and times what one worker does. */
export class Meter extends Scope {
  /** Connections open now. */
  open = 0;
  /** Most bytes seen queued unsent on one connection since the last snapshot. */
  backpressure = 0;

  readonly #shard: number;
  readonly #scenarios = new Map<string, Scope>();
  /** By profile, and then by scenario. */
  readonly #profiles = new Map<string, Map<string, Scope>>();
  readonly #errors = new Map<string, { count: number; example: string }>();
  #sequence = 0;
  #timedFrom = -Infinity;

  constructor(shard: number) {
    super();
    this.#shard = shard;
  }

  /** The scope of a scenario. */
  scenario(name: string): Scope {
    let scope = this.#scenarios.get(name);
    if (!scope) this.#scenarios.set(name, (scope = new Scope(this.#timedFrom)));
    return scope;
  }

  /** The warm-up is over: what was due before is not timed. Of performance.now's clock. */
  timeFrom(at: number): void {
    this.#timedFrom = at;
    for (const scope of this.#scopes()) scope.timedFrom = at;
  }

  /** Figures of users with these profiles are to be told apart, also while there are none. */
  tellApart(profiles: readonly string[]): void {
    for (const name of profiles) this.#profiles.set(name, new Map());
  }

  /** The scope of those of a scenario's users who have that profile. */
  profile(name: string, scenario: string): Scope {
    const scopes = this.#profiles.get(name)!;
    let scope = scopes.get(scenario);
    if (!scope) scopes.set(scenario, (scope = new Scope(this.#timedFrom)));
    return scope;
  }

  /** Keeps the first example of each kind of error, made harmless, and how often it happened. */
  error(what: string, example: string, count = 1): void {
    const kind = this.#errors.get(what);
    if (kind) kind.count += count;
    else if (this.#errors.size < errorKinds) {
      this.#errors.set(what, { count, example: safeLine(example, 500) });
    }
  }

  /** Whether an example of that kind would be kept: making one costs something. */
  wantsExample(what: string): boolean {
    return !this.#errors.has(what) && this.#errors.size < errorKinds;
  }

  /** Every kind of error so far. */
  errors(): RunError[] {
    return [...this.#errors].map(([what, { count, example }]) => ({ what, count, example }));
  }

  /** Whether nothing has been measured yet, and no snapshot was cut. */
  get isBlank(): boolean {
    return this.#sequence === 0 && this.open === 0 && this.#scopes().every((one) => one.isEmpty);
  }

  /** What went to and fro since the beginning. */
  traffic(): Throughput {
    const all = (name: HotCounter): number =>
      this.#scopes().reduce((sum, scope) => sum + scope.total(name), 0);
    return {
      sent: all("ws_msgs_sent"),
      received: all("ws_msgs_received"),
      bytesSent: all("ws_bytes_sent"),
      bytesReceived: all("ws_bytes_received"),
    };
  }

  /**
   * Cuts the interval since the last call off as a snapshot.
   * @param span its length in ms
   * @param part of the traffic that it belongs to, if it does
   */
  cut(
    second: number,
    span: number,
    gauges: Readonly<Record<string, number>>,
    { stage, phase }: Partial<Pick<Snapshot, "stage" | "phase">> = {},
  ): Snapshot {
    const scenarios = taken(this.#scenarios);
    const profiles = [...this.#profiles].map(([name, scopes]) => [name, taken(scopes)] as const);
    const backpressure = this.backpressure;
    this.backpressure = 0;
    return {
      shard: this.#shard,
      sequence: this.#sequence++,
      second,
      span,
      stage,
      ...(phase === undefined ? {} : { phase }),
      ...this.take(),
      gauges: { ...gauges, ws_sessions_open: this.open, ws_backpressure: backpressure },
      scenarios,
      ...(profiles.length > 0 ? { profiles: Object.fromEntries(profiles) } : {}),
    };
  }

  /** All counters since the beginning, up to the last snapshot: what the deltas must add up to. */
  totals(): Record<string, number> {
    const totals = new Map<string, number>();
    for (const scope of this.#scopes()) scope.addTotals(totals);
    return Object.fromEntries(totals);
  }

  #scopes(): readonly Scope[] {
    const scopes: Scope[] = [this, ...this.#scenarios.values()];
    for (const ofProfile of this.#profiles.values()) scopes.push(...ofProfile.values());
    return scopes;
  }
}

function taken(scopes: ReadonlyMap<string, Scope>): Record<string, Figures> {
  return Object.fromEntries([...scopes].map(([name, scope]) => [name, scope.take()]));
}
