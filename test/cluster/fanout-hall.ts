/**
 * Owns a hall under test: users of several workers who hear each other's broadcasts at simulated times,
 * what the real digests and the real ledger make of it, and what is true.
 */
import { FanoutLedger } from "../../src/cluster/fanout.js";
import type { FanoutBatch } from "../../src/load/flow/fanout-batch.js";
import { Fanout } from "../../src/load/flow/fanout.js";
import { Incoming } from "../../src/load/flow/incoming.js";
import { Accumulator } from "../../src/metrics/accumulator.js";
import type { FanOut } from "../../src/metrics/fan-out.js";
import { stampLength, writeStamp } from "../../src/message/stamp.js";
import { cut } from "../../src/scenario/shard.js";
import { scenarioShares } from "../../src/scenario/share-out.js";
import { flowPlan, scenario } from "../load/flow/stage.js";

/** In ms: what a plan with a reply timeout of 2 s makes of it. */
export const settle = 2000;

/** The run's number in stamps. */
const run = 77;

/** Who is there. */
export interface HallOptions {
  readonly users: number;
  readonly workers?: number;
  /** By scenario, of equal weights: its audience. */
  readonly audiences: readonly (string | undefined)[];
  readonly targets?: number;
  /** Whether replies are known by stamps, so that who sends hears itself. */
  readonly byStamp?: boolean;
}

/** A message that somebody may get. */
export interface Said {
  readonly sender: number;
  readonly sequence: number;
  /** In ms. */
  readonly at: number;
}

/** Users, workers and the ledger. */
export class Hall {
  readonly merged = new Accumulator();
  readonly batches: FanoutBatch[] = [];
  readonly ledger: FanoutLedger;
  readonly #watches: readonly Fanout[];
  readonly #bounds: readonly number[];
  readonly #scenarioOf: (index: number) => number;
  readonly #sequences = new Map<number, number>();

  constructor({ users, workers = 2, audiences, targets = 1, byStamp = true }: HallOptions) {
    const scenarios = audiences.map((audience, number) =>
      scenario([], { name: `s${number}`, audience, weight: 1 }),
    );
    const urls = Array.from({ length: targets }, (_, n) => `ws://127.0.0.1:${9000 + n}`);
    const by = byStamp ? "stamp" : "none";
    const plan = flowPlan({
      url: urls,
      users,
      scenarios,
      correlate: { by, timeout: settle },
    });
    if (plan.traffic.model !== "flow") throw new TypeError("no users");
    const { flow } = plan.traffic;
    const shares = scenarioShares(scenarios.map(({ weight }) => weight));
    this.#scenarioOf = (index) => shares.of(index);
    this.ledger = new FanoutLedger(plan, scenarios, workers, this.merged);
    const shards = cut(users, workers);
    this.#bounds = shards.map(({ to }) => to);
    this.#watches = shards.map((shard) => {
      const tell = (batch: FanoutBatch): void => {
        // Over a pipe it is a copy, and JSON.
        const copy = JSON.parse(JSON.stringify(batch)) as FanoutBatch;
        this.batches.push(copy);
        this.ledger.hear(shard.index, copy);
      };
      return new Fanout({ plan, flow, run, offset: 0, byStamp }, shard, tell);
    });
  }

  /** Which scenario a user plays. */
  scenario(index: number): number {
    return this.#scenarioOf(index);
  }

  open(index: number, at: number): void {
    this.#watch(index).opened(this.#user(index), at);
  }

  close(index: number, at: number): void {
    this.#watch(index).closing({ index }, at);
  }

  end(index: number, at: number): void {
    this.#watch(index).ended({ index }, at);
  }

  say(sender: number, at: number, reply = true): Said {
    const sequence = (this.#sequences.get(sender) ?? 0) + 1;
    this.#sequences.set(sender, sequence);
    const context = { micros: Math.round(at * 1000) };
    this.#watch(sender).sent({ ...this.#user(sender), stampSeq: sequence, context }, reply);
    return { sender, sequence, at };
  }

  hear(index: number, said: Said, at: number): void {
    this.hearBytes(index, stampOf(said), at);
  }

  hearBytes(index: number, bytes: Buffer, at: number): void {
    const incoming = new Incoming();
    incoming.take(1, bytes, 0, bytes.length);
    this.#watch(index).heard({ index }, incoming, at);
  }

  beat(at: number): void {
    for (const watch of this.#watches) watch.beat(at);
  }

  /** Ends everything. */
  result(): FanOut {
    for (const watch of this.#watches) watch.end();
    return this.ledger.result();
  }

  #watch(index: number): Fanout {
    return this.#watches[this.#bounds.findIndex((to) => index < to)]!;
  }

  #user(index: number): { index: number; role: { number: number } } {
    return { index, role: { number: this.#scenarioOf(index) } };
  }
}

/** The stamp of a message, of this run unless told. */
export function stampOf({ sender, sequence, at }: Said, ofRun = run): Buffer {
  const bytes = Buffer.alloc(stampLength);
  writeStamp(bytes, 0, ofRun, sender, sequence, Math.round(at * 1000));
  return bytes;
}
