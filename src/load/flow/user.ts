/**
 * Owns a virtual user: it goes through its program step by step, over whatever connection its tether
 * holds. Nothing of it is a promise, a closure or a timer of its own.
 */
import { WsctlError, messageOf } from "../../base/errors.js";
import { Random, seedOf } from "../../base/random.js";
import { safeLine } from "../../base/safe-text.js";
import type { MessageView } from "../../message/view.js";
import type { PlanProfile, Span } from "../../scenario/flow-plan.js";
import { quoteMessage, secretTexts } from "../../scenario/redact-message.js";
import type { Scope } from "../scope.js";
import { AutoReplier } from "./auto-replier.js";
import type { UserContext } from "./context.js";
import type { Request } from "./correlate/request.js";
import type { Cursor } from "./cursor.js";
import type { StampReceiver } from "./deliveries.js";
import type { Expectation } from "./expectation.js";
import type { Incoming } from "./incoming.js";
import type { Message, PreparedCache } from "./message.js";
import type { Role } from "./role.js";
import type { Place } from "./step/step.js";
import { Tether } from "./tether.js";
import type { TraceKind } from "./trace.js";
import { Walk } from "./walk.js";
import { within } from "./within.js";
import type { World } from "./world.js";

/** One user's life. */
export class User implements StampReceiver {
  /** Its number on the wheel. */
  readonly id: number;
  /** Global index. */
  readonly index: number;
  readonly world: World;
  readonly role: Role;
  readonly context: UserContext;
  readonly profile: PlanProfile | undefined;
  readonly tether: Tether;
  readonly scope: Scope;
  /** When its time is over, on `performance.now`'s clock. */
  endsAt: number;
  isEnding = false;
  /** Connections that came, and that went with others to follow: odd while it has one. */
  epoch = 0;
  streams: StampReceiver["streams"] = undefined;
  /** Messages sent in all. */
  sends = 0;
  /** Counts the messages of floods, which go on where they were. */
  turn = 0;
  /** Stamps sent; not reset by reconnects, nor by a further life of the same index. */
  stampSeq = 0;
  stampsBefore = 0;
  hearsItself = true;
  /** The last message that was waited for, or else came; kept only where a step asks for it. */
  last: MessageView | undefined = undefined;
  /** By number of the barrier: how often it was passed. */
  readonly passed: number[] = [];

  readonly walk: Walk;
  readonly #cache: PreparedCache = [];
  #luck: Random | undefined = undefined;
  #replier: AutoReplier | undefined = undefined;
  /** When it is not to wait any longer for what may still come, once its time is over. */
  #deadline = Infinity;
  /** Whether it waits for nothing any more, and has asked to be let go. */
  #isLeaving = false;
  #isOver = false;

  constructor(id: number, world: World, role: Role, context: UserContext, endsAt: number) {
    this.id = id;
    this.world = world;
    this.role = role;
    this.context = context;
    this.index = context.index;
    this.endsAt = endsAt;
    this.profile = world.profileOf(this.index);
    this.scope = this.profile ? world.meter.profile(this.profile.name, role.name) : role.scope;
    this.tether = new Tether(this);
    this.walk = new Walk(this, role);
  }

  /** Whether somebody follows what it does. */
  get traces(): boolean {
    return this.world.trace !== undefined;
  }

  /** Where it is in its program. */
  get cursor(): Cursor {
    return this.walk.cursor;
  }

  /** Whether, its time being over, it waits for what may still come. */
  get isLingering(): boolean {
    return this.isEnding && !this.#isLeaving;
  }

  get #waits(): boolean {
    const { open } = this.tether;
    return open !== undefined && (this.walk.waits || open.awaits);
  }

  get isOnline(): boolean {
    return this.tether.open !== undefined;
  }

  /** Whether messages can be sent now. */
  get canSend(): boolean {
    const connection = this.tether.open;
    return connection !== undefined && !connection.lean.blocked && !this.isEnding;
  }

  /**
   * Sends a message; it leaves at the end of the turn.
   * @param intended when it was to leave
   * @param check what its reply is held against when nothing waits for it
   * @throws WsctlError WSCTL_EUSAGE when a name in it has no value yet
   */
  send(message: Message, intended: number, now: number, check: Expectation | undefined): void {
    const { world, context, scope } = this;
    const connection = this.tether.open!;
    context.seq = this.sends + 1;
    context.stampSeq = this.stampSeq + 1;
    if (message.timed) world.setClock(context, message.stamped ? performance.now() : now);
    const { outbox } = world;
    outbox.begin(connection.lean, scope);
    const payload = message.put(context, this.#cache, outbox);
    this.sends++;
    if (message.stamped) {
      this.stampSeq++;
      scope.hot.ws_msg_stamped++;
      if (!message.reply) this.hearsItself = false;
      world.fanout?.sent(this, message.reply);
    }
    let request: Request | undefined;
    if (message.reply && world.correlates) {
      const key = world.byId ? message.keyOf(context) : context.stampSeq;
      if (key !== undefined) {
        request = world.requests.take(intended, key, this.cursor.visit, check);
        request.number = connection.lean.sent + 1;
        connection.expect(request);
      }
    }
    outbox.end(intended, payload, request);
    if (this.traces) this.trace("sent", message.last);
  }

  /** Answers a message of the server's own heartbeat; says whether it was one. */
  autoReply(incoming: Incoming): boolean {
    return (this.#replier ??= new AutoReplier(this, this.#cache)).answer(incoming);
  }

  /** A time drawn from a span. */
  draw(span: Span): number {
    return within(span, this.context.random);
  }

  /** For what hangs on the network: what users say must not depend on how often that happened. */
  get luck(): Random {
    return (this.#luck ??= new Random(seedOf(this.world.flow.seed, "luck", this.index)));
  }

  /** Counts messages that were due while there was no connection, and how many of them by plan. */
  unsent(count: number, planned: number): void {
    this.scope.hot.ws_msg_unsent += count;
    this.scope.hot.ws_msg_unsent_planned += planned;
  }

  /** Called by the ledger: what was lost while it had no connection. */
  missed(count: number, noticed: number): void {
    this.tether.course.missed(count, noticed);
  }

  /** Counts messages that were due and are not sent any more. */
  overdue(count: number): void {
    this.scope.hot.ws_msg_overdue += count;
  }

  /** A template had no value to hold, or another thing that the scenario asked for cannot be. */
  failed(error: unknown): void {
    if (!(error instanceof WsctlError)) throw error;
    this.stepFailed(this.cursor.step.place, () => messageOf(error));
  }

  /**
   * A step lacks something.
   * @param why is asked for the first example alone
   */
  stepFailed({ scenario, step }: Place, why: () => string): void {
    this.scope.count("ws_step_failed", { scenario, step });
    const { meter } = this.world;
    const what = `step failed: ${scenario} ${step}`;
    const example = this.traces || meter.wantsExample(what) ? why() : "";
    meter.error(what, example);
    if (this.traces) this.trace("failed", example);
  }

  /** What is said of a message, and the message, without what is secret. Not for hot paths. */
  quote(said: Parameters<typeof quoteMessage>[0], view: MessageView): string {
    return quoteMessage(said, view, secretTexts(this.context.values()));
  }

  /** Ends its connection, and with it its life. */
  leave(code: number, reason: string, now: number): void {
    this.tether.leave(code, reason, "ws_msg_disconnected", now);
  }

  /** Looked at by the wheel: something is due. */
  wake(now: number): void {
    if (this.#isOver) return;
    const isLast = now >= this.endsAt && !this.isEnding;
    if (isLast && this.walk.alarm > now && this.tether.alarm > now) return this.stop(now);
    this.tether.wake(now);
    if (this.isOnline) this.walk.wake(now);
    this.endTurn(now);
  }

  /** Its time is over: nothing more is sent. Whether it lets go at once is seen when it is its turn. */
  stop(now: number): void {
    if (this.isEnding || this.#isOver) return;
    this.#end(now);
    this.world.host.leaving(this);
  }

  /** It is its turn: what it waits for may still come, else it lets go of its connection, and its life. */
  depart(now: number): void {
    if (this.#isOver) return;
    if (this.#isLeaving) this.tether.leave(1000, "", "ws_msg_in_flight", now);
    else this.endTurn(now);
  }

  /** Writes what is due, and sets when it is to be looked at next. */
  endTurn(now: number): void {
    if (now >= this.endsAt && !this.isEnding && !this.#isOver) {
      // What was due by then still leaves.
      this.walk.wake(now);
      this.#end(now);
    }
    this.world.outbox.flush();
    if (this.#isOver) return;
    if (!this.isEnding) this.tether.recycleIfIdle(now);
    else if (!this.#isLeaving && (!this.#waits || now >= this.#deadline)) {
      this.#deadline = Infinity;
      this.#isLeaving = true;
      this.world.host.leaving(this);
    }
    const end = this.isEnding ? this.#deadline : this.endsAt;
    this.world.wheel.set(this.id, Math.min(this.walk.alarm, end, this.tether.alarm));
  }

  /** Looks again as soon as may be. */
  nudge(now: number): void {
    this.walk.nudge(now);
    this.world.wheel.set(this.id, now);
  }

  /** Called by the tether: it is over. */
  gone(how: "completed" | "lost", now: number): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.world.wheel.set(this.id, Infinity);
    if (!this.isEnding && how === "lost" && this.walk.owes) {
      this.world.host.orphaned(this);
      return;
    }
    this.settle(now);
    this.world.host.over(this, how);
  }

  /** Reckons what its present step still owed. */
  settle(now: number): void {
    this.#end(now);
    if (!this.world.isInterrupted) this.walk.undecided(now);
    (this.world.sequences ?? this.world.deliveries).finish(this);
  }

  /**
   * Reckons what its present step owes when its time is over, once, and at once: by the time it is its
   * turn a connection may have come, or gone, that was not there, or was, when it ended.
   */
  #end(now: number): void {
    if (this.isEnding) return;
    this.isEnding = true;
    this.endsAt = Math.min(this.endsAt, now);
    this.#deadline = this.endsAt + this.world.plan.gracefulStop;
    this.walk.end(now);
  }

  /** Tells whoever follows what it does. */
  trace(what: TraceKind, detail: string): void {
    const { world } = this;
    world.trace?.({
      at: performance.now() - world.startedAt,
      user: this.index,
      scenario: this.role.name,
      step: this.cursor.step.place.step,
      what,
      detail: safeLine(detail),
    });
  }
}
