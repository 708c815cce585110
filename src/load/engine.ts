/**
 * Owns one worker's part of a run, from the first dial to the last socket closed: open, wait for
 * the start, let traffic flow, drain, close; and a snapshot of it each second and at the end of each
 * stage.
 */
import type { HandshakeExample, RunError, Throughput } from "../metrics/run-result.js";
import type { Snapshot } from "../metrics/snapshot.js";
import type { Plan } from "../scenario/plan.js";
import { Population } from "../scenario/population.js";
import type { Shard } from "../scenario/shard.js";
import { BarePlay } from "./bare-play.js";
import { Cutter } from "./cutter.js";
import { Dialler, type DialFailure } from "./dialler.js";
import { closingGrace } from "./ending.js";
import { MeasuredTime } from "./measured-time.js";
import { Meter } from "./meter.js";
import { FlowPlay } from "./flow/flow-play.js";
import type { Hooks } from "./flow/world.js";
import type { Play, PlayFacts } from "./play.js";
import { SelfWatch, type GeneratorHealth, type ProcessProbe } from "./self-watch.js";
import { Timeline } from "./timeline.js";

/** What came of opening. */
export interface Opened {
  readonly opened: number;
  /** What the first successful handshake negotiated. */
  readonly handshake: HandshakeExample | undefined;
  /** The control addresses that servers named; empty for those that named none. */
  readonly controls: readonly string[];
  /** Why the first connection that failed did. */
  readonly failure: DialFailure | undefined;
}

/** What a worker knows at its end beside its snapshots. */
export interface Finished extends GeneratorHealth, PlayFacts {
  /** Every counter of this worker, summed: its snapshots must add up to this. */
  readonly totals: Readonly<Record<string, number>>;
  readonly errors: readonly RunError[];
  /** Connections still open when traffic ended. */
  readonly openAtEnd: number;
  /** Milliseconds for which traffic flowed, without its warm-up. */
  readonly trafficFor: number;
  /** What went to and fro in that time; draining is left out as well. */
  readonly inTraffic: Throughput;
  /** Milliseconds for which traffic flowed, its warm-up included. */
  readonly flowedFor: number;
  /** What came of opening in all: virtual users dial while traffic flows. */
  readonly opened: Opened;
}

/** Drives the connections of one shard. */
export class Engine {
  readonly #plan: Plan;
  readonly #probe: ProcessProbe;
  readonly #meter: Meter;
  readonly #watch: SelfWatch;
  readonly #time: MeasuredTime;
  readonly #cutter: Cutter;
  readonly #dialler: Dialler;
  readonly #play: Play;
  readonly #flow: FlowPlay | undefined;
  readonly #closingGrace: number;
  readonly #stop = new AbortController();
  /** Ends dials: it was stopped, or nothing more is to be opened. */
  readonly #dials = new AbortController();
  readonly #timeline: Timeline;
  #openAtEnd = 0;

  /**
   * @param run id of the run, told to the servers
   * @param hooks of virtual users
   * @throws WsctlError WSCTL_EUSAGE for what cannot be compiled
   */
  constructor(
    plan: Plan,
    shard: Shard,
    run: string,
    probe: ProcessProbe,
    emit: (snapshot: Snapshot) => void,
    hooks: Hooks = {},
  ) {
    const { traffic } = plan;
    const { signal } = this.#stop;
    this.#plan = plan;
    this.#probe = probe;
    this.#closingGrace = hooks.closingGrace ?? closingGrace;
    this.#meter = new Meter(shard.index);
    this.#watch = new SelfWatch(probe);
    this.#time = new MeasuredTime(() => this.#meter.traffic());
    const dialler = new Dialler(plan, run, this.#meter, this.#dials.signal);
    this.#dialler = dialler;
    if (traffic.model === "flow") {
      const { flow } = traffic;
      const meter = this.#meter;
      this.#flow = new FlowPlay(plan, flow, shard, run, meter, dialler, probe, signal, hooks);
    }
    this.#play = this.#flow ?? new BarePlay(plan, shard, this.#meter, dialler, probe, signal);
    this.#timeline = new Timeline(probe, signal);
    const { warmup = 0 } = plan;
    this.#cutter = new Cutter({
      meter: this.#meter,
      watch: this.#watch,
      probe,
      emit,
      stages: traffic.model === "flow" ? new Population(traffic.flow.load) : undefined,
      warmup,
      measure: (from) => {
        this.#watch.begin();
        this.#time.begin(from);
        if (warmup > 0) this.#meter.timeFrom(from);
      },
    });
  }

  /**
   * Opens what is to be open before traffic begins: of virtual users nothing.
   * @param epoch the run's zero on the machine's monotonic clock, in ms
   */
  async open(epoch: number): Promise<Opened> {
    this.#cutter.start(epoch);
    await this.#play.open();
    // What opening left behind is collected before traffic, not in the midst of it.
    if (this.#meter.open > 0) this.#probe.sweep?.();
    return this.#opened();
  }

  /**
   * Lets traffic flow from `startAt` (the machine's monotonic clock, ms) for the plan's duration,
   * then waits for outstanding replies.
   */
  async run(startAt: number): Promise<void> {
    const at = this.#timeline.local(startAt);
    await this.#timeline.until(at);
    if (this.#stop.signal.aborted) return;
    this.#cutter.beginTraffic(at);
    await this.#play.traffic(at);
    this.#watch.end();
    this.#cutter.endTraffic();
    this.#time.end(at, Math.min(this.#plan.duration, performance.now() - at));
    this.#openAtEnd = this.#meter.open;
    await this.#play.drain();
  }

  /** Closes every connection; the server is to close TCP, stragglers are reset. */
  async close(): Promise<void> {
    this.#dials.abort();
    await this.#play.close(this.#closingGrace);
    this.#cutter.stop();
  }

  /** What is known at the end beside the snapshots. */
  finish(): Finished {
    return {
      ...this.#watch.health(),
      ...this.#play.facts(),
      totals: this.#meter.totals(),
      errors: this.#meter.errors(),
      openAtEnd: this.#openAtEnd,
      inTraffic: this.#time.inTraffic,
      trafficFor: this.#time.trafficFor,
      flowedFor: this.#time.flowedFor,
      opened: this.#opened(),
    };
  }

  /** Ends opening or traffic early; draining and closing follow as usual. */
  stop(): void {
    this.#dials.abort();
    this.#stop.abort();
  }

  /** Answers, by way of the hook, whether everybody waits at a barrier now. */
  confirm(barrier: string, round: number, ask: number): void {
    this.#flow?.confirm(barrier, round, ask);
  }

  /** Everybody has come to a barrier, on all workers: users go on. */
  release(barrier: string, round: number): void {
    this.#flow?.release(barrier, round);
  }

  #opened(): Opened {
    const { opened, handshake, controls, failure } = this.#dialler;
    return { opened, handshake, controls, failure };
  }
}
