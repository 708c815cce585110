/**
 * Owns one worker's part of a run, from the first dial to the last socket closed: open, wait for
 * the start, send, drain, close; and a snapshot of it each second.
 */
import type { HandshakeExample, RunError, Throughput } from "../metrics/run-result.js";
import type { Snapshot } from "../metrics/snapshot.js";
import type { PacerName, Plan } from "../scenario/plan.js";
import { Schedule } from "../scenario/schedule.js";
import type { Shard } from "../scenario/shard.js";
import { ClosedLoop } from "./closed-loop.js";
import { Dialler, type DialFailure } from "./dialler.js";
import { Fleet } from "./fleet.js";
import { openAll } from "./opener.js";
import { OpenModel, type ScheduleOutcome } from "./open-model.js";
import { newPacer } from "./pacer.js";
import { noTraffic, Rig } from "./rig.js";
import { SelfWatch, type GeneratorHealth, type ProcessProbe } from "./self-watch.js";
import { Timeline } from "./timeline.js";

/** What came of opening. */
export interface Opened {
  readonly opened: number;
  /** What the first successful handshake negotiated. */
  readonly handshake: HandshakeExample | undefined;
  /** The server's control address, if it named one on this machine. */
  readonly control: string | undefined;
  /** Why the first connection that failed did. */
  readonly failure: DialFailure | undefined;
}

/** What a worker knows at its end beside its snapshots. */
export interface Finished extends GeneratorHealth {
  /** Every counter of this worker, summed: its snapshots must add up to this. */
  readonly totals: Readonly<Record<string, number>>;
  readonly errors: readonly RunError[];
  /** Connections whose own sums do not add up. */
  readonly connectionsOff: number;
  /** Connections still open when traffic ended. */
  readonly openAtEnd: number;
  /** Connections on which replies could not be paired with requests any more. */
  readonly pairingLost: number;
  /** What went to and fro while traffic flowed; draining is left out. */
  readonly inTraffic: Throughput;
  /** Milliseconds for which traffic flowed. */
  readonly trafficFor: number;
  readonly schedule: Pick<ScheduleOutcome, "due" | "sent">;
}

const snapshotEvery = 1000;
const sweepEvery = 50;
const drainPoll = 5;
/** How long the other side may take to finish the closing handshake. */
const closingGrace = 2000;

/** Drives the connections of one shard. */
export class Engine {
  readonly #plan: Plan;
  readonly #shard: Shard;
  readonly #probe: ProcessProbe;
  readonly #emit: (snapshot: Snapshot) => void;
  readonly #rig: Rig;
  readonly #fleet: Fleet;
  readonly #watch: SelfWatch;
  readonly #dialler: Dialler;
  readonly #stop = new AbortController();
  /** Ends traffic: it was stopped, or nothing is left to carry it. */
  readonly #halt = new AbortController();
  readonly #timeline: Timeline;
  #epoch = 0;
  #second = 0;
  #cutAt = 0;
  #cutting: NodeJS.Timeout | undefined;
  #schedule: Pick<ScheduleOutcome, "due" | "sent"> = { due: 0, sent: 0 };
  #openAtEnd = 0;
  #pairingLost = 0;
  #inTraffic: Throughput = noThroughput;
  #trafficFor = 0;

  /** @param run id of the run, told to the servers */
  constructor(
    plan: Plan,
    shard: Shard,
    run: string,
    probe: ProcessProbe,
    emit: (snapshot: Snapshot) => void,
  ) {
    this.#plan = plan;
    this.#shard = shard;
    this.#probe = probe;
    this.#emit = emit;
    this.#rig = new Rig(plan, shard.index, (link) => this.#fleet.ended(link));
    this.#fleet = new Fleet(shard.to - shard.from, this.#rig);
    this.#watch = new SelfWatch(probe);
    this.#dialler = new Dialler(plan, run, this.#rig, this.#stop.signal);
    this.#timeline = new Timeline(probe, this.#halt.signal);
  }

  /**
   * Opens the shard's connections.
   * @param epoch the run's zero on the machine's monotonic clock, in ms
   */
  async open(epoch: number): Promise<Opened> {
    this.#epoch = epoch;
    this.#cutAt = performance.now();
    this.#cutting = setInterval(() => this.#cut(), snapshotEvery);
    const { links } = this.#fleet;
    await openAll({
      count: links.length,
      rate: (this.#plan.connectRate * links.length) / this.#plan.connections,
      signal: this.#stop.signal,
      open: async (position) => {
        links[position] = await this.#dialler.dial(this.#shard.from + position);
      },
    });
    const { opened, handshake, control, failure } = this.#dialler;
    return { opened, handshake, control, failure };
  }

  /**
   * Sends from `startAt` (the machine's monotonic clock, ms) for the plan's duration, then waits
   * for outstanding replies.
   */
  async run(startAt: number): Promise<void> {
    const { traffic, duration, correlate } = this.#plan;
    const at = this.#timeline.local(startAt);
    await this.#timeline.until(at);
    if (this.#stop.signal.aborted) return;
    this.#fleet.onEmpty = () => this.#halt.abort();
    if (this.#fleet.open === 0) this.#halt.abort();
    const sweep = setInterval(() => {
      const now = performance.now();
      this.#fleet.expire(now - correlate.timeout, now);
    }, sweepEvery);
    this.#watch.begin();
    const before = this.#rig.meter.traffic();
    if (traffic.model === "closed") await this.#runClosed(traffic.inFlight, at + duration);
    else if (traffic.model === "rate") await this.#runOpen(traffic.rate, traffic.pacer, at);
    else await this.#timeline.until(at + duration);
    this.#watch.end();
    this.#trafficFor = Math.min(duration, performance.now() - at);
    this.#inTraffic = difference(this.#rig.meter.traffic(), before);
    this.#openAtEnd = this.#fleet.open;
    await this.#drain();
    this.#pairingLost = this.#fleet.pairingLost;
    clearInterval(sweep);
  }

  /** Closes every connection; the server is to close TCP, stragglers are reset. */
  async close(): Promise<void> {
    await this.#fleet.close(closingGrace);
    clearInterval(this.#cutting);
    this.#cut();
  }

  /** What is known at the end beside the snapshots. */
  finish(): Finished {
    return {
      ...this.#watch.health(),
      totals: this.#rig.meter.totals(),
      errors: this.#rig.meter.errors(),
      connectionsOff: this.#fleet.off,
      openAtEnd: this.#openAtEnd,
      inTraffic: this.#inTraffic,
      pairingLost: this.#pairingLost,
      trafficFor: this.#trafficFor,
      schedule: this.#schedule,
    };
  }

  /** Ends opening or traffic early; draining and closing follow as usual. */
  stop(): void {
    this.#stop.abort();
    this.#halt.abort();
  }

  async #runClosed(inFlight: number, until: number): Promise<void> {
    const loop = new ClosedLoop(inFlight);
    this.#rig.traffic = loop;
    loop.start(this.#fleet.links);
    await this.#timeline.until(until);
    this.#rig.traffic = noTraffic;
  }

  async #runOpen(rate: number, name: PacerName, at: number): Promise<void> {
    const { duration, connections } = this.#plan;
    const schedule = new Schedule(rate, connections, duration);
    const model = new OpenModel(schedule, this.#fleet.links, this.#shard.from);
    const pacer = newPacer(name);
    this.#rig.traffic = model;
    model.start(at);
    pacer.start(() => model.tick(performance.now()));
    await this.#timeline.until(at + duration);
    pacer.stop();
    // Ended by the user, what was to come is no longer due. Ended because nothing is left to carry it,
    // it still is: that is told as unsent.
    const isStopped = this.#stop.signal.aborted;
    const elapsed = isStopped ? Math.min(duration, performance.now() - at) : duration;
    // What fell due since the last beat. A backlog of more than this is left, and told as overdue.
    if (this.#fleet.open > 0) model.tick(at + elapsed);
    this.#rig.traffic = noTraffic;
    const { due, sent, unsent } = model.outcome(elapsed);
    this.#schedule = { due, sent };
    this.#rig.meter.hot.ws_msg_overdue += Math.max(0, due - sent);
    this.#rig.meter.hot.ws_msg_unsent += unsent;
  }

  /** Waits until every request has met its fate, or the graceful stop is over. */
  async #drain(): Promise<void> {
    const until = performance.now() + this.#plan.gracefulStop;
    while (this.#fleet.waiting && performance.now() < until) {
      await new Promise((resolve) => setTimeout(resolve, drainPoll));
    }
  }

  #cut(): void {
    const second = Math.floor((this.#probe.monotonic() - this.#epoch) / 1000);
    // Strictly growing, so that no two snapshots of a shard share a second.
    this.#second = Math.max(this.#second + 1, second);
    const now = performance.now();
    const span = now - this.#cutAt;
    this.#cutAt = now;
    this.#emit(this.#rig.meter.cut(this.#second, span, this.#watch.gauges()));
  }
}

const noThroughput: Throughput = { sent: 0, received: 0, bytesSent: 0, bytesReceived: 0 };

function difference(after: Throughput, before: Throughput): Throughput {
  return {
    sent: after.sent - before.sent,
    received: after.received - before.received,
    bytesSent: after.bytesSent - before.bytesSent,
    bytesReceived: after.bytesReceived - before.bytesReceived,
  };
}
