/**
 * Owns the play of a plan without virtual users: all connections open before traffic, each sends the
 * plan's messages in turn, on a schedule or in a closed loop.
 */
import type { Plan } from "../scenario/plan.js";
import { Schedule } from "../scenario/schedule.js";
import type { Shard } from "../scenario/shard.js";
import { ClosedLoop } from "./closed-loop.js";
import type { Dialler } from "./dialler.js";
import { Fleet } from "./fleet.js";
import { Link } from "./link.js";
import type { Meter } from "./meter.js";
import { openAll } from "./opener.js";
import { OpenModel, type ScheduleOutcome } from "./open-model.js";
import { newPacer, type Pacer } from "./pacer/pacer.js";
import type { Play, PlayFacts } from "./play.js";
import { noTraffic, Rig } from "./rig.js";
import { Timeline } from "./timeline.js";
import type { ProcessProbe } from "./self-watch.js";

const sweepEvery = 50;
const drainPoll = 5;

/** Plays a shard of equal connections. */
export class BarePlay implements Play {
  readonly #plan: Plan;
  readonly #shard: Shard;
  readonly #rig: Rig;
  readonly #fleet: Fleet;
  readonly #dialler: Dialler;
  readonly #probe: ProcessProbe;
  readonly #stop: AbortSignal;
  /** Ends traffic: it was stopped, or nothing is left to carry it. */
  readonly #halt = new AbortController();
  readonly #timeline: Timeline;
  #pacer: Pacer | undefined;
  #sweep: NodeJS.Timeout | undefined;
  #schedule: Pick<ScheduleOutcome, "due" | "sent"> = { due: 0, sent: 0 };
  #pairingLost = 0;
  /** When the graceful stop is over. */
  #drainedBy = 0;

  /** @param stop ends opening or traffic early */
  constructor(
    plan: Plan,
    shard: Shard,
    meter: Meter,
    dialler: Dialler,
    probe: ProcessProbe,
    stop: AbortSignal,
  ) {
    this.#plan = plan;
    this.#shard = shard;
    this.#dialler = dialler;
    this.#probe = probe;
    this.#stop = stop;
    this.#rig = new Rig(plan, meter, (link) => this.#fleet.ended(link));
    this.#fleet = new Fleet(shard.to - shard.from, this.#rig);
    this.#timeline = new Timeline(probe, this.#halt.signal);
    stop.addEventListener("abort", () => this.#halt.abort());
  }

  /** Opens the shard's connections. */
  async open(): Promise<void> {
    const { traffic } = this.#plan;
    // Its thread takes milliseconds to be there.
    if (traffic.model === "rate") {
      this.#pacer = newPacer(traffic.pacer, () => this.#probe.monotonic());
    }
    const { links } = this.#fleet;
    await openAll({
      count: links.length,
      rate: (this.#plan.connectRate * links.length) / this.#plan.connections,
      signal: this.#stop,
      open: async (position) => {
        const index = this.#shard.from + position;
        const wire = await this.#dialler.dial(index);
        if (!wire) return;
        const link = new Link(index, wire, this.#rig);
        links[position] = link;
        link.sendFirst();
      },
    });
  }

  /** Sends for the plan's duration. */
  async traffic(at: number): Promise<void> {
    const { traffic, duration, correlate } = this.#plan;
    this.#fleet.onEmpty = () => this.#halt.abort();
    if (this.#fleet.open === 0) this.#halt.abort();
    this.#sweep = setInterval(() => {
      const now = performance.now();
      this.#fleet.expire(now - correlate.timeout, now);
    }, sweepEvery);
    if (traffic.model === "closed") await this.#runClosed(traffic.inFlight, at + duration);
    else if (traffic.model === "rate") await this.#runOpen(traffic.rate, this.#pacer!, at);
    else await this.#timeline.until(at + duration);
  }

  /** Waits until every request has met its fate, or the graceful stop is over. */
  async drain(): Promise<void> {
    const until = performance.now() + this.#plan.gracefulStop;
    this.#drainedBy = until;
    while (this.#fleet.waiting && performance.now() < until) {
      await new Promise((resolve) => setTimeout(resolve, drainPoll));
    }
  }

  /** Closes every connection; the server is to close TCP, stragglers are reset. */
  async close(grace: number): Promise<void> {
    clearInterval(this.#sweep);
    this.#pacer?.stop();
    this.#pairingLost = this.#fleet.pairingLost;
    await this.#fleet.close(grace, this.#drainedBy - performance.now());
  }

  facts(): PlayFacts {
    return {
      connectionsOff: this.#fleet.off,
      pairingLost: this.#pairingLost,
      schedule: this.#schedule,
      pacerLost: this.#pacer?.isLost === true,
      flow: undefined,
    };
  }

  async #runClosed(inFlight: number, until: number): Promise<void> {
    const loop = new ClosedLoop(inFlight);
    this.#rig.traffic = loop;
    loop.start(this.#fleet.links);
    await this.#timeline.until(until);
    this.#rig.traffic = noTraffic;
  }

  async #runOpen(rate: number, pacer: Pacer, at: number): Promise<void> {
    const { duration, connections } = this.#plan;
    const schedule = new Schedule(rate, connections, duration);
    const beat = (now: number): void => {
      model.tick(now);
      pacer.due(model.next);
    };
    const model = new OpenModel(schedule, this.#fleet.links, this.#shard.from, beat);
    this.#rig.traffic = model;
    model.start(at);
    pacer.start(() => beat(performance.now()));
    await this.#timeline.until(at + duration);
    pacer.stop();
    // Ended by the user, what was to come is no longer due. Ended because nothing is left to carry it,
    // it still is: that is told as unsent.
    const isStopped = this.#stop.aborted;
    const elapsed = isStopped ? Math.min(duration, performance.now() - at) : duration;
    // What fell due since the last beat. A backlog of more than this is left, and told as overdue.
    if (this.#fleet.open > 0) model.tick(at + elapsed);
    this.#rig.traffic = noTraffic;
    const { due, sent, unsent } = model.outcome(elapsed);
    this.#schedule = { due, sent };
    this.#rig.meter.hot.ws_msg_overdue += Math.max(0, due - sent);
    this.#rig.meter.hot.ws_msg_unsent += unsent;
  }
}
