/**
 * Owns keeping a user connected: dialling when it is its turn, again after a loss as the policy says,
 * anew when a connection has lived long enough, and closing when the user leaves.
 */
import type { Wire } from "../../dial/wire.js";
import type { PlanEvent } from "../../scenario/flow-plan.js";
import { Connection, type Fate } from "./connection.js";
import { RecoveryCourse } from "./recovery-course.js";
import type { User } from "./user.js";
import { within } from "./within.js";

/** Holds one user's connection. */
export class Tether {
  /** The present connection, be it open or closing. */
  connection: Connection | undefined = undefined;
  /** What becomes of losses. */
  readonly course: RecoveryCourse;
  readonly #user: User;
  /** What is to follow when the connection has ended. */
  #goal: "hold" | "reopen" | "leave" = "hold";
  /** Waiting in the queue for dials. */
  #isQueued = false;
  #isDialling = false;
  #isGone = false;
  /** Failed attempts since a connection last held. */
  #attempts = 0;
  #openedAt = 0;
  /** When the connection has lived long enough; after that, when nothing is waited for any longer. */
  #recycleAt = Infinity;
  #isRecycling = false;
  /** By when a closing connection has to be gone. */
  #closeBy = Infinity;
  #redialAt = Infinity;
  /** The earliest of these. */
  #next = Infinity;

  constructor(user: User) {
    this.#user = user;
    this.course = new RecoveryCourse(user);
  }

  /** The connection, while messages may be sent over it. */
  get open(): Connection | undefined {
    const { connection } = this;
    return connection?.lean.open === true ? connection : undefined;
  }

  /** When something is due, on `performance.now`'s clock. */
  get alarm(): number {
    const { open } = this;
    return open ? Math.min(this.#next, open.liveness.alarm) : this.#next;
  }

  /** Whether it is to close the connection, as soon as nothing is awaited, only to open another. */
  get isRecycling(): boolean {
    return this.#isRecycling;
  }

  /** Asks for a connection. */
  dial(): void {
    if (this.#isQueued || this.#isDialling || this.#isGone) return;
    this.#isQueued = true;
    this.#redialAt = Infinity;
    this.#setNext();
    this.#user.world.host.dial(this);
  }

  /** It is its turn to dial; undefined when nobody wants to any more. */
  begin(): Promise<void> | undefined {
    this.#isQueued = false;
    // Whose time is over opens no other: it only waits for its turn to be let go.
    return this.#isGone || this.#user.isEnding ? undefined : this.#dial();
  }

  async #dial(): Promise<void> {
    const user = this.#user;
    this.#isDialling = true;
    const began = performance.now();
    this.course.dials(began);
    const wire = await user.world.host.connect(user);
    this.#isDialling = false;
    const now = performance.now();
    if (wire) this.#opened(wire, now);
    else if (this.#goal === "leave") this.#gone("completed", now);
    else {
      // One that was called off because the run was stopped has not failed.
      const isOver = user.isEnding || user.world.isInterrupted;
      if (!isOver && this.course.unopened(began) && user.traces) {
        user.trace("lost", "not opened again");
      }
      this.#tryLater(now);
    }
    user.endTurn(now);
  }

  /** Closes with 1000 and opens again. */
  reopen(now: number): void {
    this.#goal = "reopen";
    this.#close(1000, "", "ws_msg_disconnected", now);
  }

  /** What the connection still awaits may come; then it is closed, and another one opened. */
  recycle(now: number): void {
    if (!this.open || this.#isRecycling) return;
    this.#isRecycling = true;
    this.#recycleAt = now + this.#user.world.plan.gracefulStop;
    this.#setNext();
  }

  /** If the connection is to be recycled, this may be the moment. */
  recycleIfIdle(now: number): void {
    const { open } = this;
    if (!open || !this.#isRecycling) return;
    if (now >= this.#recycleAt || !(open.awaits || this.#user.walk.awaits)) this.reopen(now);
  }

  /** The other side has begun to close: it does not get for ever to finish. */
  closing(now: number): void {
    this.course.cut(now);
    this.#closeBy = Math.min(this.#closeBy, now + this.#user.world.closingGrace);
    this.#recycleAt = Infinity;
    this.#setNext();
  }

  /** Closes for good. */
  leave(code: number, reason: string, fate: Fate, now: number): void {
    const before = this.#goal;
    this.#goal = "leave";
    if (this.open) this.#close(code, reason, fate, now);
    // A dial under way is waited for; a connection that is closing ends.
    else if (!this.connection && !this.#isDialling && before !== "leave") {
      this.#gone("completed", now);
    }
  }

  /**
   * Something that happens to the whole run cuts the connection; it counts as lost.
   * @param cause tells which event's doing it is
   */
  drop(how: PlanEvent["how"], now: number, cause: number): void {
    const connection = this.open;
    if (!connection) return;
    this.course.cut(now, cause);
    if (how === "close") this.#close(1000, "", "ws_msg_disconnected", now);
    else {
      if (how === "silent") this.#user.world.silenced.add(connection.lean);
      connection.lean.drop(how);
      if (this.connection) this.closing(now);
    }
    this.#user.endTurn(now);
  }

  /** Cuts whatever is left, at the end of the run. */
  destroy(): void {
    this.connection?.lean.destroy();
  }

  /** The connection has ended. */
  ended(connection: Connection, now: number): void {
    if (connection !== this.connection) return;
    this.connection = undefined;
    this.#closeBy = Infinity;
    this.#recycleAt = Infinity;
    this.#setNext();
    const user = this.#user;
    if (user.traces) user.trace(this.#goal === "hold" ? "lost" : "closed", connection.lean.end);
    const isLost = this.#goal === "hold" && !user.isEnding;
    const endedAt = isLost ? this.course.lost(connection.lean, now) : now;
    if (!isLost) this.course.closed(now);
    if (this.#goal === "leave") return this.#gone("completed", now);
    if (user.world.backoff?.resets(endedAt - this.#openedAt)) this.#attempts = 0;
    if (this.#goal === "reopen") {
      this.#goal = "hold";
      user.walk.lost(now);
      this.dial();
      return user.endTurn(now);
    }
    user.walk.lost(now);
    this.#tryLater(now);
    user.endTurn(now);
  }

  /** Does what is due. */
  wake(now: number): void {
    this.connection?.liveness.wake(now);
    if (now >= this.#redialAt) this.dial();
    if (now >= this.#closeBy) {
      this.#closeBy = Infinity;
      this.connection?.lean.destroy();
    }
    if (!this.open || this.#user.isEnding) this.#recycleAt = Infinity;
    else if (now >= this.#recycleAt) this.recycle(now);
    this.#setNext();
  }

  #opened(wire: Wire, now: number): void {
    const user = this.#user;
    const isReplacement = this.course.opened(now);
    this.#openedAt = now;
    const connection = new Connection(user, wire);
    this.connection = connection;
    if (user.traces) user.trace("opened", isReplacement ? "in place of a lost one" : "");
    if (this.#goal === "leave") {
      this.#close(1000, "", "ws_msg_in_flight", now);
      connection.lean.listen();
      return;
    }
    const { lifetime } = user.world.flow;
    this.#isRecycling = false;
    this.#recycleAt = lifetime ? now + within(lifetime, user.luck) : Infinity;
    this.#setNext();
    // The first step begins before anything is handed on: what the server says first may be for it.
    user.walk.opened(now, isReplacement);
    connection.lean.listen();
  }

  #tryLater(now: number): void {
    const user = this.#user;
    const wait = this.course.wait(user.world.backoff, ++this.#attempts, now);
    if (wait === undefined || user.isEnding)
      return this.#gone(user.isEnding ? "completed" : "lost", now);
    this.#redialAt = now + wait;
    this.#setNext();
  }

  #close(code: number, reason: string, fate: Fate, now: number): void {
    this.#recycleAt = Infinity;
    const { open } = this;
    open?.close(code, reason, fate);
    // Our close frame has to find its way past what the other side has not read yet.
    const { closingGrace, plan } = this.#user.world;
    const patience = open?.lean.backedUp ? plan.gracefulStop : 0;
    this.#closeBy = now + Math.max(closingGrace, patience);
    this.#setNext();
    // It may have been a message that led here: nothing else would look at the time then.
    this.#user.world.wheel.set(this.#user.id, now);
  }

  #gone(how: "completed" | "lost", now: number): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.course.gone(how, now);
    this.#user.gone(how, now);
  }

  #setNext(): void {
    this.#next = Math.min(this.#redialAt, this.#closeBy, this.#recycleAt);
  }
}
