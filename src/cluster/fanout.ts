/**
 * Owns the fan-out of a run: what workers saw of each broadcast is put together, held against how many
 * were there to hear it when it was sent, and recorded once it is settled.
 */
import { circleName } from "../load/flow/fanout-circle.js";
import type { FanoutBatch, UnfollowedBatch } from "../load/flow/fanout-batch.js";
import { hasFanout, settleTime } from "../load/flow/fanout-settle.js";
import type { Accumulator } from "../metrics/accumulator.js";
import { type FanOut, type FanOutExample, mostFanOutExamples } from "../metrics/fan-out.js";
import type { PlanScenario } from "../scenario/flow-plan.js";
import type { Plan } from "../scenario/plan.js";
import { scenarioShares, type ShareOut } from "../scenario/share-out.js";
import { Audience, countsOf, sumOf } from "./fanout-audience.js";
import { Broadcast } from "./fanout-broadcast.js";
import { FanoutCourse } from "./fanout-course.js";
import { Steps } from "./fanout-steps.js";

/** Figures go into the run's own so often, in µs of the broadcasts' time. */
const tellEvery = 1_000_000;

/** Puts together what workers saw. Its clock is the machine's, in microseconds. */
export class FanoutLedger {
  readonly #merged: Accumulator;
  readonly #warmup: number;
  readonly #settle: number;
  readonly #users: number;
  readonly #shares: ShareOut;
  /** By the scenario's number. */
  readonly #audiences: readonly (Audience | undefined)[];
  /** How far each worker has told; who has told all, or was lost, is in the way of nothing. */
  readonly #through: number[];
  readonly #circles = new Map<string, Steps>();
  readonly #pending = new Map<number, Broadcast>();
  readonly #course = new FanoutCourse();
  readonly #worst: FanOutExample[] = [];
  readonly #slowest: FanOutExample[] = [];
  /** Senders whose hearers some worker does not know, for want of room: since when. */
  readonly #strangers = new Map<number, number>();
  /** From when to when broadcasts were sent that some worker did not follow, too many to be named. */
  #gaps: (readonly [number, number])[] = [];
  #began = 0;
  #told = 0;
  #unheard = 0;
  #withoutAudience = 0;
  #late = 0;

  constructor(
    plan: Plan,
    scenarios: readonly PlanScenario[],
    workers: number,
    merged: Accumulator,
  ) {
    this.#merged = merged;
    this.#settle = settleTime(plan) * 1000;
    this.#users = plan.connections;
    this.#warmup = plan.warmup ?? 0;
    this.#shares = scenarioShares(scenarios.map(({ weight }) => weight));
    this.#audiences = scenarios.map((scenario) =>
      scenario.audience === undefined ? undefined : new Audience(scenario),
    );
    this.#through = Array.from({ length: workers }, () => -Infinity);
  }

  /** Traffic begins; in ms of the machine's monotonic clock. */
  begin(at: number): void {
    this.#began = at;
  }

  /** What a worker tells. */
  hear(worker: number, batch: FanoutBatch): void {
    for (const { circle, moves } of batch.circles) this.#circle(circle).add(moves);
    for (const digest of batch.digests) {
      this.#broadcast(digest.sequence * this.#users + digest.sender, digest.sent).add(digest);
    }
    this.#takeUnfollowed(batch.unfollowed);
    this.#late += batch.late;
    this.#through[worker] = batch.through ?? Infinity;
    this.#settleDue();
  }

  /** A worker is lost: nobody waits for what it had to tell. */
  leave(worker: number): void {
    this.#through[worker] = Infinity;
    this.#settleDue();
  }

  /** What was counted here, and in no worker, by series key. */
  counts(): Record<string, number> {
    return countsOf(sumOf(this.#known()));
  }

  /** What the run came to, all workers having told everything. */
  result(): FanOut {
    const { roomless, ...sum } = sumOf(this.#known());
    return {
      ...sum,
      settle: this.#settle / 1000,
      unheard: this.#unheard,
      withoutAudience: this.#withoutAudience,
      withoutCircle: roomless,
      late: this.#late,
      audiences: this.#known().map(({ scenario, broadcasts, complete, expected, reached }) => ({
        scenario: scenario.name,
        audience: scenario.audience!,
        broadcasts,
        complete,
        expected,
        reached,
      })),
      worst: this.#worst,
      slowest: this.#slowest,
      stretch: this.#course.stretch,
      course: this.#course.stretches(),
    };
  }

  #known(): Audience[] {
    return this.#audiences.flatMap((audience) => audience ?? []);
  }

  #broadcast(key: number, sent: number): Broadcast {
    let broadcast = this.#pending.get(key);
    if (!broadcast) {
      broadcast = new Broadcast(key % this.#users, Math.floor(key / this.#users), sent);
      this.#pending.set(key, broadcast);
    }
    return broadcast;
  }

  #takeUnfollowed({ crowded, roomless, skipped, gap, strangers }: UnfollowedBatch): void {
    for (const [scenario, count] of pairsOf(crowded)) {
      this.#audiences[scenario]!.unfollowed += count;
    }
    for (const [scenario, count] of pairsOf(roomless)) {
      this.#audiences[scenario]!.unfollowed += count;
      this.#audiences[scenario]!.roomless += count;
    }
    for (const [key, sent] of pairsOf(skipped)) this.#broadcast(key, sent).isSkipped = true;
    if (gap) this.#gaps.push(gap);
    for (const [sender, since] of pairsOf(strangers)) {
      this.#strangers.set(sender, Math.min(since, this.#strangers.get(sender) ?? since));
    }
  }

  #circle(name: string): Steps {
    let steps = this.#circles.get(name);
    if (!steps) this.#circles.set(name, (steps = new Steps()));
    return steps;
  }

  /** Settles what every worker has told of, in the order in which it was sent. */
  #settleDue(): void {
    const horizon = Math.min(...this.#through) - this.#settle;
    const due: Broadcast[] = [];
    for (const [key, broadcast] of this.#pending) {
      if (broadcast.sent > horizon) continue;
      due.push(broadcast);
      this.#pending.delete(key);
    }
    for (const broadcast of due.toSorted((a, b) => a.sent - b.sent)) this.#record(broadcast);
    this.#gaps = this.#gaps.filter(([, to]) => to > horizon);
    if (horizon < this.#told + tellEvery) return;
    this.#told = horizon;
    for (const audience of this.#known()) audience.tell(this.#merged);
    // All that is asked about from here on was sent later.
    for (const steps of this.#circles.values()) steps.fold(horizon);
  }

  #record(broadcast: Broadcast): void {
    const { sender, sent, isSent, deaf, reached } = broadcast;
    const audience = this.#audiences[this.#shares.of(sender)];
    // What nobody has sent is somebody's invention.
    if (!audience || !isSent) return;
    const isRoomless = (this.#strangers.get(sender) ?? Infinity) <= sent;
    if (isRoomless) audience.roomless++;
    if (
      isRoomless ||
      broadcast.isSkipped ||
      this.#gaps.some(([from, to]) => from <= sent && sent <= to)
    ) {
      audience.unfollowed++;
      return;
    }
    const circle = this.#circle(circleName(audience.scenario.audience!, sender));
    const expected = Math.max(reached, circle.at(sent) - deaf);
    if (expected === 0) {
      this.#withoutAudience++;
      return;
    }
    if (reached === 0) this.#unheard++;
    const at = sent / 1000 - this.#began;
    const isTimed = at >= this.#warmup;
    audience.add(expected, broadcast, isTimed);
    this.#course.add(at, expected, reached, broadcast.last / 1000);
    const example = (): FanOutExample => exampleOf(audience.scenario.name, broadcast, at, expected);
    if (reached < expected) keep(this.#worst, isWorse, reached / expected, example);
    if (reached > 0 && isTimed) keep(this.#slowest, isSlower, broadcast.last / 1000, example);
  }
}

/** A flat list of pairs, pair by pair. */
function* pairsOf(list: readonly number[]): Iterable<readonly [number, number]> {
  for (let i = 0; i + 1 < list.length; i += 2) yield [list[i]!, list[i + 1]!];
}

function exampleOf(
  scenario: string,
  { sender, sequence, reached, first, median, last, missed, missedAt }: Broadcast,
  at: number,
  expected: number,
): FanOutExample {
  const time = (micros: number): number | undefined => (reached > 0 ? micros / 1000 : undefined);
  return {
    scenario,
    sender,
    sequence,
    at,
    expected,
    reached,
    first: time(first),
    median: time(median),
    last: time(last),
    missed,
    missedAt,
  };
}

const isWorse = (share: number, { reached, expected }: FanOutExample): boolean =>
  share < reached / expected;
const isSlower = (last: number, example: FanOutExample): boolean => last > (example.last ?? 0);

/** Keeps an example if it goes before one of those that are kept. */
function keep(
  kept: FanOutExample[],
  goesBefore: (figure: number, example: FanOutExample) => boolean,
  figure: number,
  example: () => FanOutExample,
): void {
  const before = kept.findIndex((one) => goesBefore(figure, one));
  if (before < 0 && kept.length >= mostFanOutExamples) return;
  kept.splice(before < 0 ? kept.length : before, 0, example());
  if (kept.length > mostFanOutExamples) kept.pop();
}

/** What follows the fan-out of a plan; undefined where nobody asked for it. */
export function fanoutOf(
  plan: Plan,
  workers: number,
  merged: Accumulator,
): FanoutLedger | undefined {
  if (!hasFanout(plan) || plan.traffic.model !== "flow") return undefined;
  return new FanoutLedger(plan, plan.traffic.flow.scenarios, workers, merged);
}
