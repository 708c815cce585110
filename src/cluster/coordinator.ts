/**
 * Owns the course of a run: workers are launched behind a transport, each plays its shard, their
 * snapshots are merged and shown as they come, and what it all came to is one RunResult.
 */
import { longestTimer } from "../base/timer.js";
import { WsctlError } from "../base/errors.js";
import type { DialFailure } from "../load/dialler.js";
import { Accumulator } from "../metrics/accumulator.js";
import type { RunPhase } from "../metrics/output.js";
import type { Plan } from "../scenario/plan.js";
import { isOnLoopback } from "../dial/loopback.js";
import { Barriers } from "./barriers.js";
import { type FanoutLedger, fanoutOf } from "./fanout.js";
import { Gates } from "./gates.js";
import { type Member, membersFor } from "./member.js";
import type { FromWorker } from "./messages.js";
import { Narrator } from "./narrator.js";
import { pacedBy, type Pacing, pacingFor } from "./pacing.js";
import { partsOf, resultOf } from "./result.js";
import type { RunOptions, RunOutcome } from "./run-options.js";
import type { WorkerHandle } from "./transport.js";

/** Workers start this long after the last has said that it is ready, so that all hear of it. */
const startLead = 100;
/** With first messages, their answers get so long to arrive before traffic starts. */
const firstMessageLead = 1000;
/** A worker speaks every second; one that is silent for so long is stuck, and taken for lost. */
const longestSilence = 10_000;

/** How often silent workers are looked for. */
const watchEvery = 1000;

/** Runs one plan. */
export class Coordinator {
  readonly #plan: Plan;
  readonly #pacing: Pacing;
  readonly #options: RunOptions;
  readonly #members: readonly Member[];
  readonly #merged = new Accumulator();
  readonly #gates: Gates;
  readonly #barriers: Barriers;
  readonly #narrator: Narrator;
  readonly #fanout: FanoutLedger | undefined;
  #failure: DialFailure | undefined;
  /** The run's zero, and when traffic began, on the machine's monotonic clock. */
  #epoch = 0;
  #began: number | undefined;
  #holes = 0;
  /** When silent workers were looked for last. */
  #lookedAt = 0;
  #changed: () => void = () => {};

  /** @throws WsctlError WSCTL_EUSAGE when a threshold cannot be used */
  constructor(plan: Plan, options: RunOptions) {
    this.#pacing = pacingFor(options.pacer, {
      workers: options.workers,
      cores: options.env.cores,
      loopback: plan.targets.some((url) => isOnLoopback([url])),
    });
    this.#plan = pacedBy(plan, this.#pacing.pacer);
    this.#options = options;
    this.#gates = new Gates(plan.thresholds);
    this.#narrator = new Narrator(options.outputs);
    this.#members = membersFor(plan, options.workers, options.clock.monotonic());
    this.#fanout = fanoutOf(plan, this.#members.length, this.#merged);
    this.#barriers = new Barriers(this.#members.keys(), (message) => this.#send(message));
  }

  /**
   * Plays the plan to its end.
   * @throws WsctlError WSCTL_EABORTED when `abort` fired
   */
  async run(): Promise<RunOutcome> {
    const { clock, run, stop, abort } = this.#options;
    const epoch = (this.#epoch = clock.monotonic());
    const startedAt = clock.date();
    this.#narrator.start(this.#plan, run, this.#members.length);
    const stopAll = (): void => this.#end();
    const abortAll = (): void => {
      for (const { handle } of this.#members) handle?.kill();
      this.#changed();
    };
    this.#lookedAt = epoch;
    const watchdog = setInterval(() => this.#findSilent(), watchEvery);
    stop.addEventListener("abort", stopAll);
    abort.addEventListener("abort", abortAll);
    let outcome: RunOutcome | undefined;
    try {
      for (const member of this.#members) this.#launch(member, run, epoch);
      if (stop.aborted) stopAll();
      await this.#until((member) => member.opened !== undefined);
      await this.#traffic();
      await this.#until((member) => member.finished !== undefined);
      outcome = await this.#conclude(startedAt, clock.monotonic() - epoch);
      return outcome;
    } finally {
      clearInterval(watchdog);
      stop.removeEventListener("abort", stopAll);
      abort.removeEventListener("abort", abortAll);
      for (const { handle } of this.#members) handle?.kill();
      this.#narrator.stop(outcome?.result);
    }
  }

  /** Lets traffic begin everywhere at once, if anything is there to carry it. */
  async #traffic(): Promise<void> {
    const { clock, stop } = this.#options;
    const opened = this.#members.reduce((sum, member) => sum + (member.opened?.opened ?? 0), 0);
    // Virtual users open their connections when their time has come.
    const isReady = opened > 0 || this.#plan.traffic.model === "flow";
    if (!isReady || this.#lost().length > 0 || stop.aborted || this.#gates.isBroken) {
      this.#send({ type: "stop" });
      return;
    }
    const lead = this.#plan.first.length > 0 ? firstMessageLead : startLead;
    this.#began = clock.monotonic() + lead;
    this.#fanout?.begin(this.#began);
    const { duration, warmup = 0 } = this.#plan;
    // Where there is a warm-up, workers say themselves what is of the traffic.
    if (this.#plan.traffic.model !== "flow" && warmup === 0) {
      const from = this.#began - this.#epoch;
      this.#merged.trafficBetween(from, from + duration);
    }
    this.#send({ type: "start", at: this.#began });
    this.#narrator.enter(warmup > 0 ? "warm-up" : "traffic");
    const enterAfter = (phase: RunPhase, ms: number): NodeJS.Timeout =>
      setTimeout(
        () => {
          // It may have been ended before.
          if (this.#narrator.phase !== "draining") this.#narrator.enter(phase);
        },
        Math.min(lead + ms, longestTimer),
      );
    const phases = [enterAfter("draining", duration)];
    if (warmup > 0) phases.push(enterAfter("traffic", warmup));
    try {
      await this.#until((member) => member.finished !== undefined);
    } finally {
      for (const timer of phases) clearTimeout(timer);
    }
    this.#narrator.enter("draining"); // by now, if workers were done before the timer
  }

  async #conclude(startedAt: Date, took: number): Promise<RunOutcome> {
    const { stop, env, run, scenario } = this.#options;
    this.#narrator.add(this.#merged.settle(Infinity));
    // What virtual users opened is known when they are done.
    const isFlow = this.#plan.traffic.model === "flow";
    const opened = this.#members.flatMap(
      ({ finished, opened: atStart }) => (isFlow ? finished?.opened : atStart) ?? [],
    );
    const result = await resultOf({
      run,
      scenario,
      plan: this.#plan,
      pacing: this.#pacing,
      env,
      startedAt,
      took,
      workers: this.#members.length,
      merged: this.#merged,
      gates: this.#gates,
      fanout: this.#fanout,
      opened,
      finished: this.#members.flatMap((member) => member.finished ?? []),
      lost: this.#lost(),
      holes: this.#holes,
      began: this.#began !== undefined,
      interrupted: stop.aborted,
    });
    const none = opened.every((shard) => shard.opened === 0);
    const failure = this.#failure ?? (none ? opened.find((o) => o.failure)?.failure : undefined);
    return { result, failure };
  }

  #launch(member: Member, run: string, epoch: number): void {
    member.lastHeard = this.#options.clock.monotonic();
    member.handle = this.#options.transport.launch(member.shard.index, {
      message: (message) => this.#receive(member, message),
      gone: (why) => {
        if (member.finished || member.lost) return;
        this.#lose(member, `of ${member.shard.of} was lost (${why})`);
      },
    });
    member.handle.send({ type: "plan", plan: this.#plan, shard: member.shard, run, epoch });
  }

  #receive(member: Member, message: FromWorker): void {
    // What it said last before it was given up is still in the pipe; its seconds are settled.
    if (member.lost !== undefined) return;
    member.lastHeard = this.#options.clock.monotonic();
    switch (message.type) {
      case "snapshot":
        if (message.snapshot.sequence !== member.snapshots) this.#holes++;
        member.snapshots = message.snapshot.sequence + 1;
        this.#merged.add(message.snapshot);
        member.second = message.snapshot.second;
        this.#show();
        return;
      case "barrier":
        this.#barriers.hear(member.shard.index, message);
        return;
      case "fanout":
        this.#fanout?.hear(member.shard.index, message.batch);
        return;
      case "log":
        this.#narrator.log(message.line);
        return;
      case "opened":
        member.opened = message.opened;
        break;
      case "done":
        member.finished = message.finished;
        this.#barriers.leave(member.shard.index);
        break;
      case "failed":
        this.#failure ??= message.failure;
        this.#lose(member, `failed: ${message.failure.message}`);
        break;
    }
    this.#changed();
  }

  /** Shows every second that all workers still at work have reported. */
  #show(): void {
    const atWork = this.#members.filter((member) => !member.finished && !member.lost);
    const settled = this.#merged.settle(Math.min(...atWork.map((member) => member.second)));
    this.#narrator.add(settled);
    if (settled.length > 0 && this.#plan.thresholds.length > 0 && this.#isBroken()) this.#end();
  }

  /** Tells how thresholds fare; whether one of them ends the run now. */
  #isBroken(): boolean {
    const isOfUse = this.#gates.mayAbort || this.#narrator.wantsThresholds;
    if (!isOfUse || this.#narrator.phase === "draining") return false;
    const elapsed = this.#options.clock.monotonic() - (this.#began ?? this.#epoch);
    const since = this.#began === undefined ? 0 : elapsed;
    // The rates after a warm-up are those of what has been told of it: at first that is nothing.
    const span = this.#plan.warmup === undefined ? since : this.#merged.warmFor;
    const measured = this.#merged.measured(span, partsOf(this.#plan));
    this.#narrator.judge(this.#gates.results(measured));
    return this.#gates.breaks(measured, elapsed, this.#began === undefined);
  }

  /** Ends the run early: workers drain, close and report. */
  #end(): void {
    this.#narrator.enter("draining");
    this.#send({ type: "stop" });
  }

  /** Resolves when `reached` holds for every worker that is not lost. */
  async #until(reached: (member: Member) => boolean): Promise<void> {
    const { abort } = this.#options;
    for (;;) {
      if (abort.aborted) throw new WsctlError("WSCTL_EABORTED", "the run was aborted");
      if (this.#members.every((member) => member.lost !== undefined || reached(member))) return;
      await new Promise<void>((resolve) => (this.#changed = resolve));
    }
  }

  #findSilent(): void {
    const now = this.#options.clock.monotonic();
    // While we were held up ourselves, what workers said stood in their pipes.
    const late = now - this.#lookedAt - watchEvery;
    this.#lookedAt = now;
    if (late > watchEvery) for (const member of this.#members) member.lastHeard += late;
    for (const member of this.#members) {
      if (member.finished || member.lost || now - member.lastHeard < longestSilence) continue;
      member.handle?.kill();
      this.#lose(member, `of ${member.shard.of} has been silent for ${longestSilence / 1000} s`);
    }
  }

  #lose(member: Member, what: string): void {
    member.lost = `worker ${member.shard.index + 1} ${what}`;
    this.#barriers.leave(member.shard.index);
    this.#fanout?.leave(member.shard.index);
    // Figures of a part of the load would pass for figures of the whole: end it here.
    this.#send({ type: "stop" });
    this.#changed();
  }

  #lost(): string[] {
    return this.#members.flatMap((member) => member.lost ?? []);
  }

  #send(message: Parameters<WorkerHandle["send"]>[0]): void {
    for (const { handle, lost } of this.#members) if (lost === undefined) handle?.send(message);
  }
}
