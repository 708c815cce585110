/**
 * Owns the play of a plan with virtual users: they are born, dial, go through their flows and leave,
 * driven by one beat.
 */
import { WsctlError } from "../../base/errors.js";
import type { Wire } from "../../dial/wire.js";
import type { FlowPlan } from "../../scenario/flow-plan.js";
import type { Plan } from "../../scenario/plan.js";
import { Population } from "../../scenario/population.js";
import { scenarioShares } from "../../scenario/share-out.js";
import type { Shard } from "../../scenario/shard.js";
import type { Dialler } from "../dialler.js";
import { slowestEndings } from "../ending.js";
import { inTurns } from "../in-turns.js";
import type { Meter } from "../meter.js";
import { newPacer, type Pacer } from "../pacer/pacer.js";
import type { Play, PlayFacts } from "../play.js";
import type { ProcessProbe } from "../self-watch.js";
import { Timeline } from "../timeline.js";
import { Barriers } from "./barriers.js";
import { Births } from "./births.js";
import { Cast } from "./cast.js";
import { DialQueue } from "./dial-queue.js";
import { Events } from "./events.js";
import { Farewells } from "./farewells.js";
import { placesOf } from "./places.js";
import { RequestHeads } from "./request-head.js";
import { Rows } from "./rows.js";
import { pieceOf } from "./slow-reader.js";
import type { Tether } from "./tether.js";
import type { User } from "./user.js";
import { Users } from "./users.js";
import { World, type Hooks, type Host } from "./world.js";

const sweepEvery = 50;
/** A sweep takes so many steps: of thousands of users all at once, each would hold up what is due. */
const sweepSteps = 10;
/**
 * A read looks for what is due when the last look is so long ago. Where much is read it halves the
 * lag of a beat of 1 ms, and wakes nobody for it.
 */
const lookEvery = 0.25;
const drainPoll = 5;
/** Dials in place of lost connections under way at once: a crowd that comes back is not held back. */
const mostRedials = 10_000;

/** Plays a shard of virtual users. */
export class FlowPlay implements Play, Host {
  readonly #plan: Plan;
  readonly #shard: Shard;
  readonly #flow: FlowPlan;
  readonly #dialler: Dialler;
  readonly #stop: AbortSignal;
  /** Ends traffic: it was stopped, it broke, or nobody is left. */
  readonly #halt = new AbortController();
  readonly #timeline: Timeline;
  readonly #world: World;
  readonly #barriers: Barriers;
  readonly #cast: Cast;
  readonly #heads: RequestHeads;
  readonly #dials: DialQueue<Tether>;
  /** Those in place of lost connections: when they come, their policy says. */
  readonly #redials: DialQueue<Tether>;
  readonly #farewells: Farewells<User>;
  readonly #users: Users;
  readonly #pacer: Pacer;
  readonly #due: number[] = [];
  #sweepAt = 0;
  #sweepStep = 0;
  readonly #events: Events;
  #broken: { readonly error: unknown } | undefined;

  /**
   * @param stop ends traffic early
   * @throws WsctlError WSCTL_EUSAGE for what cannot be compiled
   */
  constructor(
    plan: Plan,
    flow: FlowPlan,
    shard: Shard,
    run: string,
    meter: Meter,
    dialler: Dialler,
    probe: ProcessProbe,
    stop: AbortSignal,
    hooks: Hooks,
  ) {
    this.#plan = plan;
    this.#flow = flow;
    this.#shard = shard;
    this.#dialler = dialler;
    this.#stop = stop;
    stop.addEventListener("abort", () => {
      this.#world.interrupt();
      this.#halt.abort();
    });
    this.#timeline = new Timeline(probe, this.#halt.signal);
    this.#world = new World(plan, flow, shard, run, meter, probe, hooks, this);
    const shares = scenarioShares(flow.scenarios.map(({ weight }) => weight));
    const births = new Births(new Population(flow.load), shares, shard);
    this.#barriers = new Barriers(births, hooks.barrier ?? (() => {}));
    this.#cast = new Cast(this.#world, this.#barriers);
    this.#heads = new RequestHeads(plan.connection, this.#world.names.scope);
    const places = placesOf(flow.load.maxConnections, shard);
    this.#users = new Users(this.#world, this.#cast, this.#barriers, births, places, () =>
      this.#halt.abort(),
    );
    this.#dials = new DialQueue(
      Math.max(1e-9, (plan.connectRate * (shard.to - shard.from)) / plan.connections),
      (tether) => tether.begin(),
      (error) => this.#break(error),
    );
    this.#redials = new DialQueue(
      Infinity,
      (tether) => tether.begin(),
      (error) => this.#break(error),
      mostRedials,
    );
    this.#farewells = new Farewells(
      (user) => user.depart(performance.now()),
      (error) => this.#break(error),
    );
    this.#events = new Events(this.#world, this.#users);
    const pacer = plan.traffic.model === "flow" ? plan.traffic.pacer : undefined;
    this.#pacer = newPacer(pacer, () => probe.monotonic());
  }

  /** Reads what users carry; they dial when their lives begin. */
  async open(): Promise<void> {
    this.#users.rows = await Rows.read(this.#flow, this.#shard);
  }

  async traffic(at: number): Promise<void> {
    this.#world.startedAt = at;
    // Where nobody is left it is over early: not for who should have been there until the end.
    const { recovery } = this.#world;
    recovery.endedAt = Math.min(recovery.endedAt, at + this.#plan.duration);
    this.#pacer.start(() => this.#tick(performance.now()));
    await this.#timeline.until(at + this.#plan.duration);
    const now = performance.now();
    if (!this.#broken) this.#tick(now);
    this.#users.end(now, this.#stop.aborted ? now : Infinity);
    this.#throwBroken();
  }

  async drain(): Promise<void> {
    const until = performance.now() + this.#plan.gracefulStop;
    while (this.#users.alive > 0 && performance.now() < until) await sleep(drainPoll);
    this.#throwBroken();
  }

  async close(grace: number): Promise<void> {
    const now = performance.now();
    this.#users.end(now, now);
    await inTurns(this.#users.all(), (user) => {
      const at = performance.now();
      user.endTurn(at);
      user.tether.leave(1000, "", "ws_msg_in_flight", at);
    });
    await this.#allOver(grace);
    await inTurns(this.#users.all(), (user) => user.tether.destroy());
    await inTurns(this.#world.silenced.all, (lean) => lean.destroy());
    await this.#allOver(grace);
    this.#world.end();
    this.#pacer.stop();
  }

  facts(): PlayFacts {
    const { connectionsOff, pairingLost, schedule, deliveryPart: delivery } = this.#world;
    const expectations = this.#cast.expectations();
    const users = this.#users.counts();
    const slow = this.#world.slow.facts();
    const pacerLost = this.#pacer.isLost === true;
    const recovery = this.#world.recovery.part(delivery !== undefined);
    const flow = { users, expectations, delivery, slow, recovery };
    return { connectionsOff, pairingLost, schedule, pacerLost, flow };
  }

  /** Answers the question whether everybody waits at a barrier. */
  confirm(barrier: string, round: number, ask: number): void {
    this.#barriers.confirm(barrier, round, ask, performance.now() - this.#world.startedAt);
  }

  /** Lets users go on who wait at a barrier. */
  release(barrier: string, round: number): void {
    this.#barriers.release(barrier, round, performance.now());
  }

  dial(tether: Tether): void {
    (tether.course.isAway ? this.#redials : this.#dials).push(tether);
    this.hasten(performance.now());
  }

  async connect(user: User): Promise<Wire | undefined> {
    this.#world.setClock(user.context, performance.now());
    try {
      const piece = user.profile && pieceOf(user.profile);
      const head = this.#heads.of(user.context);
      return await this.#dialler.dial(user.index, user.scope, head, piece, user.tether.course);
    } catch (error) {
      if (!(error instanceof WsctlError)) throw error;
      user.scope.count("ws_connect_failed", { reason: "request" });
      this.#world.meter.error("connection failed: its request", error.message);
      return undefined;
    }
  }

  leaving(user: User): void {
    this.#farewells.push(user);
  }

  over(user: User, how: "completed" | "lost"): void {
    this.#users.over(user, how);
  }

  orphaned(user: User): void {
    this.#users.orphaned(user);
  }

  readonly beat = (now: number): void => this.#tick(now);
  readonly hasten = (at: number): void => this.#pacer.hasten(at);

  #tick(now: number): void {
    const world = this.#world;
    // What is done below must not look again.
    world.nextBeat = Infinity;
    try {
      const { wheel, startedAt } = world;
      this.#users.bear(now);
      this.#events.strike(now - startedAt, now);
      this.#dials.advance(now);
      this.#redials.advance(now);
      this.#due.length = 0;
      wheel.advance(now, this.#due);
      for (const id of this.#due) this.#users.at(id)?.wake(now);
      if (now >= this.#sweepAt) this.#sweep(now);
      if (!this.#halt.signal.aborted) world.nextBeat = now + lookEvery;
      this.#pacer.due(this.#next(now));
    } catch (error) {
      this.#break(error);
    }
  }

  /** When there is something to do again. */
  #next(now: number): number {
    const { wheel, startedAt } = this.#world;
    return Math.min(
      wheel.soonest(),
      startedAt + this.#users.nextBirth,
      startedAt + this.#events.next,
      Math.max(now + 1, Math.min(this.#dials.nextAt, this.#redials.nextAt)),
      this.#sweepAt,
    );
  }

  #sweep(now: number): void {
    this.#sweepAt = now + sweepEvery / sweepSteps;
    this.#sweepStep = (this.#sweepStep + 1) % sweepSteps;
    const limit = now - this.#plan.correlate.timeout;
    this.#users.eachOf(this.#sweepStep, sweepSteps, (user) => {
      const expired = user.tether.open?.expire(limit, now) ?? false;
      if (expired || user.isLingering) user.endTurn(now);
    });
    if (this.#sweepStep === 0) this.#barriers.check(now - this.#world.startedAt);
    this.#world.fanout?.beat(now);
  }

  /** Waits until nobody is left, or for `grace` ms nobody has left, within bounds. */
  async #allOver(grace: number): Promise<void> {
    let before = this.#users.alive;
    let until = performance.now() + grace;
    const last = until + (before / slowestEndings) * 1000;
    while (this.#users.alive > 0 && performance.now() < until) {
      await sleep(drainPoll);
      if (this.#users.alive === before) continue;
      before = this.#users.alive;
      until = Math.min(last, performance.now() + grace);
    }
  }

  /** A bug, or options that cannot be used: the run ends with it. */
  #break(error: unknown): void {
    this.#broken ??= { error };
    this.#pacer.stop();
    this.#halt.abort();
  }

  #throwBroken(): void {
    if (this.#broken) throw this.#broken.error;
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
