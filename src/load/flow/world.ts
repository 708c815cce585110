/** Owns what all users of a worker share: the plan compiled, the clocks, the memory for messages. */
import { Backoff } from "../../base/backoff.js";
import { Random, seedOf } from "../../base/random.js";
import type { Wire } from "../../dial/wire.js";
import { compileJsonPath } from "../../message/json-path.js";
import { compileMatcher, type Matcher } from "../../message/matcher.js";
import type { DeliveryPart } from "../../metrics/delivery.js";
import type { FlowPlan, PlanProfile } from "../../scenario/flow-plan.js";
import type { Plan } from "../../scenario/plan.js";
import type { Shard } from "../../scenario/shard.js";
import { ShareOut } from "../../scenario/share-out.js";
import { closingGrace } from "../ending.js";
import type { Meter } from "../meter.js";
import type { ProcessProbe } from "../self-watch.js";
import type { BarrierReport } from "./barriers.js";
import { UserContext, type Names } from "./context.js";
import type { Correlation, Correlator } from "./correlate/correlator.js";
import { correlators } from "./correlate/correlators.js";
import { RequestPool } from "./correlate/request.js";
import { Deliveries } from "./deliveries.js";
import { type Fanout, watchFanout } from "./fanout.js";
import type { FanoutBatch } from "./fanout-batch.js";
import { Incoming } from "./incoming.js";
import { MessageCompiler, type Message } from "./message.js";
import { namesOf, type PlanNames } from "./names.js";
import { LogLines } from "./log-lines.js";
import { Outbox } from "./outbox.js";
import { placesOf } from "./places.js";
import { RecoveryLog } from "./recovery-log.js";
import { Sequences } from "./sequences.js";
import { Silenced } from "./silenced.js";
import { SlowWatch } from "./slow-watch.js";
import { TimerWheel } from "./timer-wheel.js";
import type { Tether } from "./tether.js";
import type { Trace } from "./trace.js";
import type { User } from "./user.js";
import { readerOf } from "./value-reader.js";

/** Tells apart what is shared out by the same indices; an event's rounds count on from there. */
const salts = { profile: 2, event: 16 };

/** Streams of stamped messages that a worker follows at most: some 100 MB. */
const mostStreams = 1_000_000;

/** What users ask of whoever runs them, and tell it. */
export interface Host {
  /** Lets it dial when it is its turn. */
  dial(tether: Tether): void;
  /** Opens a connection; undefined when it failed, which is counted. */
  connect(user: User): Promise<Wire | undefined>;
  /** Does what is due, between two beats: to be called where nothing else is under way. */
  beat(now: number): void;
  /** Something is due earlier than it knows of: ms on `performance.now`'s clock. */
  hasten(at: number): void;
  /** Its time is over: calls {@link User.depart} later, when it is its turn. */
  leaving(user: User): void;
  /** A life is over. */
  over(user: User, how: "completed" | "lost"): void;
  /** A life is over before its time, while messages were still due. */
  orphaned(user: User): void;
}

/** Where what is no figure goes, and what whoever runs users may ask for beside the plan. */
export interface Hooks {
  /** How long the other side may take to finish the closing handshake, in ms. */
  readonly closingGrace?: number | undefined;
  readonly trace?: Trace | undefined;
  /** Takes lines that steps say; harmless already. */
  readonly log?: ((line: string) => void) | undefined;
  /** Takes what is to be told of broadcasts; without it none is followed. */
  readonly fanout?: ((batch: FanoutBatch) => void) | undefined;
  /** It has changed whether everybody of this worker waits at a barrier. */
  readonly barrier?: BarrierReport | undefined;
}

/** The shared equipment of virtual users. */
export class World {
  readonly plan: Plan;
  readonly flow: FlowPlan;
  readonly meter: Meter;
  readonly wheel = new TimerWheel(performance.now(), (at) => this.host.hasten(at));
  readonly outbox = new Outbox();
  readonly incoming = new Incoming();
  readonly requests = new RequestPool();
  readonly deliveries: Deliveries;
  /** The service's own numbers, where the plan says how to find them. */
  readonly sequences: Sequences | undefined;
  readonly slow: SlowWatch;
  readonly backoff: Backoff | undefined;
  readonly recovery = new RecoveryLog(this);
  /** Connections left open without a word, to be cut at the end of the run. */
  readonly silenced: Silenced;
  readonly names: PlanNames;
  readonly messages: MessageCompiler;
  readonly autoReplies: readonly { readonly matcher: Matcher; readonly message: Message }[];
  /** Whether replies are matched to requests, and how. */
  readonly correlates: boolean;
  readonly byId: boolean;
  readonly byStamp: boolean;
  /** Whether the run was stopped: what is undecided then has not failed. */
  isInterrupted = false;
  /** Messages of schedules: due on open connections, and sent. */
  readonly schedule = { due: 0, sent: 0 };
  /** From when on {@link Host.beat} is worth a call, on `performance.now`'s clock. */
  nextBeat = Infinity;
  /** The start of traffic, on `performance.now`'s clock. */
  startedAt = 0;
  /** Connections whose own sums do not add up. */
  connectionsOff = 0;
  /** Connections on which replies could not be told apart any more. */
  pairingLost = 0;
  readonly trace: Trace | undefined;
  /** How long the other side may take to finish the closing handshake, in ms. */
  readonly closingGrace: number;
  readonly log: LogLines;
  readonly host: Host;
  /** The run's number, as stamps hold it. */
  readonly run: number;
  /** The machine's monotonic clock less `performance.now`, in ms. */
  readonly offset: number;
  /** Follows broadcasts; undefined when none has an audience. */
  readonly fanout: Fanout | undefined;
  readonly #profiles: ShareOut | undefined;
  readonly #correlation: Correlation;
  readonly #mayReadStamps: boolean;

  /** @throws WsctlError WSCTL_EUSAGE for what cannot be compiled */
  constructor(
    plan: Plan,
    flow: FlowPlan,
    shard: Shard,
    run: string,
    meter: Meter,
    probe: ProcessProbe,
    hooks: Hooks,
    host: Host,
  ) {
    this.plan = plan;
    this.flow = flow;
    this.meter = meter;
    this.trace = hooks.trace;
    this.closingGrace = hooks.closingGrace ?? closingGrace;
    this.log = new LogLines(hooks.log);
    this.host = host;
    const { correlate } = plan;
    this.correlates = correlate.by !== "none";
    this.byId = correlate.by === "id";
    this.byStamp = correlate.by === "stamp";
    this.#mayReadStamps = correlate.by !== "order";
    [this.run] = seedOf("run", run);
    this.offset = probe.monotonic() - performance.now();
    const facts = {
      run: this.run,
      users: plan.connections,
      offset: this.offset,
      byStamp: this.byStamp,
      mostStreams,
      isLedger: flow.sequence === undefined,
      startedAt: () => this.startedAt,
    };
    this.deliveries = new Deliveries(facts, meter);
    this.sequences =
      flow.sequence && new Sequences(flow.sequence, mostStreams, meter, facts.startedAt);
    this.fanout = watchFanout(this, shard, hooks.fanout);
    this.backoff = flow.reconnect && new Backoff(flow.reconnect);
    const places = placesOf(flow.load.maxConnections, shard);
    this.silenced = new Silenced(Math.min(places, shard.to - shard.from));
    this.names = namesOf(flow);
    this.messages = new MessageCompiler(
      this.names.scope,
      correlate.by === "id" ? correlate.request : undefined,
    );
    this.autoReplies = flow.heartbeat.autoReplies.map(({ match, send }) => ({
      matcher: compileMatcher(match),
      message: this.messages.compile({ ...send, reply: false }),
    }));
    this.#profiles = profileShares(flow.profiles);
    this.slow = new SlowWatch(flow.profiles);
    meter.tellApart(flow.profiles.map(({ name }) => name));
    const path = correlate.by === "id" ? compileJsonPath(correlate.response) : undefined;
    this.#correlation = {
      pool: this.requests,
      timeout: correlate.timeout,
      idOf: path ? readerOf(path) : () => undefined,
    };
  }

  /** The run is stopped, be it that this worker's traffic is over already. */
  interrupt(): void {
    this.isInterrupted = true;
    this.recovery.endedAt = Math.min(this.recovery.endedAt, performance.now());
  }

  /** All connections are closed. */
  end(): void {
    this.log.end();
    this.fanout?.end();
  }

  /** Whether there is a ledger: of stamps, if any message has one. Pairing by order looks at nothing. */
  get readsStamps(): boolean {
    return this.byStamp || (this.#mayReadStamps && this.messages.stamps);
  }

  /** Whether a ledger tells which messages are missing. */
  get hasLedger(): boolean {
    return this.sequences !== undefined || this.readsStamps;
  }

  /** Whether the last message is in a ledger, and needs no further account. */
  get isAccounted(): boolean {
    return this.deliveries.isAccounted || this.sequences?.isAccounted === true;
  }

  /** What the ledger knows at the end; undefined without one. */
  get deliveryPart(): DeliveryPart | undefined {
    if (this.sequences) return this.sequences.part();
    return this.readsStamps ? this.deliveries.book.part() : undefined;
  }

  newCorrelator(): Correlator {
    return correlators[this.plan.correlate.by](this.#correlation);
  }

  /** The profile of that index; undefined when it has none. */
  profileOf(index: number): PlanProfile | undefined {
    return this.#profiles && this.flow.profiles[this.#profiles.of(index)];
  }

  /** Which indices the n-th event hits in a round of it, from 0: not always the same ones. */
  eventShare(n: number, round: number): ShareOut {
    const { events } = this.flow;
    const { drop } = events[n]!;
    return new ShareOut([drop, 1 - drop], salts.event + n + round * events.length);
  }

  /**
   * The context of a user.
   * @param life how many lives of the same index came before
   */
  contextOf(index: number, life: number, rows: Names | undefined): UserContext {
    const parts = life === 0 ? [index] : [index, life];
    const random = new Random(seedOf(this.flow.seed, ...parts));
    return new UserContext(this.run, index, random, this.names.shared, rows);
  }

  /** Sets a context's clocks to a moment of `performance.now`. */
  setClock(context: UserContext, now: number): void {
    context.now = Math.floor(performance.timeOrigin + now);
    context.micros = Math.round((now + this.offset) * 1000);
  }
}

/** Profiles by their shares; whoever is left has none. */
function profileShares(profiles: readonly PlanProfile[]): ShareOut | undefined {
  if (profiles.length === 0) return undefined;
  const shares = profiles.map(({ share }) => share);
  const rest = 1 - shares.reduce((sum, share) => sum + share, 0);
  return new ShareOut([...shares, Math.max(0, rest)], salts.profile);
}
