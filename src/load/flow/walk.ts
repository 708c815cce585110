/** Owns going through a program: from step to step, until one has to wait for something. */
import { Cursor } from "./cursor.js";
import type { Request } from "./correlate/request.js";
import type { Incoming } from "./incoming.js";
import type { Role } from "./role.js";
import { holdAside } from "./step/expect.js";
import type { Outcome } from "./step/step.js";
import type { User } from "./user.js";

/** After so many steps in one turn the others get theirs. */
const stepsPerTurn = 1000;

/** One user's way through its program; it stands still while there is no connection. */
export class Walk {
  cursor: Cursor;
  /** Whether the present step, its user's time being over, waits for what may still come. */
  waits = false;
  readonly #user: User;
  readonly #role: Role;
  /** Where the flow goes on after what is played on a new connection. */
  #main: Cursor | undefined = undefined;
  #visits = 0;
  #hasBegun = false;
  #roundAt = 0;
  #roundSends = 0;
  #roundFailed = false;

  constructor(user: User, role: Role) {
    this.#user = user;
    this.#role = role;
    this.cursor = new Cursor(role.program);
  }

  /** When its present step is to be looked at next. */
  get alarm(): number {
    const { isOnline, isEnding } = this.#user;
    return isOnline && (!isEnding || this.waits) ? this.cursor.wakeAt : Infinity;
  }

  /** Whether a message is waited for, or what is played on a new connection is not over. */
  get awaits(): boolean {
    const { begun, step } = this.cursor;
    return this.#main !== undefined || (begun && step.awaits(this.#user));
  }

  /** Whether the present step has messages that are due whether or not there is a connection. */
  get owes(): boolean {
    const { begun, step } = this.#main ?? this.cursor;
    return begun && step.owes;
  }

  /** A connection is there; in place of a lost one, or else. */
  opened(now: number, isReplacement: boolean): void {
    this.#user.epoch++;
    if (this.#user.isEnding) return;
    const { aside } = this.#role;
    if (!this.#hasBegun) {
      this.#hasBegun = true;
      this.beginRound(now);
      this.#run("jump", now);
    } else if (isReplacement && aside) {
      this.#main = this.cursor;
      this.cursor = new Cursor(aside);
      this.#user.tether.course.resubscribed("asked");
      this.#run("jump", now);
    } else {
      this.#run(this.resume(now), now);
    }
  }

  /** Goes on with the flow where it was when the connection ended. */
  resume(now: number): Outcome {
    if (this.#main) this.#user.tether.course.resubscribed("confirmed");
    this.cursor = this.#main ?? this.cursor;
    this.#main = undefined;
    const { cursor } = this;
    if (!cursor.begun) return "jump";
    cursor.step.back(this.#user, now);
    return this.#looked(now);
  }

  /** The connection has ended. */
  lost(now: number): void {
    this.#user.epoch++;
    this.#loseAside(now);
    const { cursor } = this;
    if (!cursor.begun) return;
    const outcome = cursor.step.lost(this.#user, now);
    if (outcome === "next") cursor.jump(cursor.at + 1);
  }

  /** Nothing more will come: what the present step still expects has failed. */
  undecided(now: number): void {
    const { begun, step } = this.cursor;
    const user = this.#user;
    if (!begun || !step.awaits(user)) return;
    const waited = Math.round(now - this.cursor.since);
    step.undecided(user, `undecided at its user's end: nothing matched within ${waited} ms`);
  }

  /** Time has passed. */
  wake(now: number): void {
    if (now >= this.cursor.wakeAt) this.look(now);
  }

  /** Looks at the present step again. */
  look(now: number): void {
    const { isOnline, isEnding } = this.#user;
    // A step whose user's time is over has been reckoned, unless it waits for what may still come.
    if (!isOnline || (isEnding && !this.waits)) return;
    this.#run(this.cursor.begun ? this.#looked(now) : "jump", now);
  }

  /**
   * A message came.
   * @param request what it answers
   * @returns whether the present step had waited for it
   */
  message(incoming: Incoming, now: number, request: Request | undefined): boolean {
    const user = this.#user;
    if (request?.check) holdAside(user, request.check, request, incoming, now);
    const { cursor } = this;
    const { begun, step } = cursor;
    let outcome: Outcome = "wait";
    if (begun) {
      try {
        const isOurs = request !== undefined && request.visit === cursor.visit;
        if (isOurs) outcome = step.answered(user, incoming, now);
        if (step.listens && outcome === "wait") outcome = step.message(user, incoming, now);
      } catch (error) {
        outcome = this.#failed(error);
      }
    }
    if (outcome !== "wait") {
      this.#run(outcome, now);
      return true;
    }
    if (this.#role.keepsLast) user.last = incoming.copy();
    return false;
  }

  /** Has the flow's step looked at as soon as may be, be something else played before that. */
  nudge(now: number): void {
    (this.#main ?? this.cursor).wakeAt = now;
  }

  /** A request will have no reply in time. */
  unanswered(visit: number, now: number): void {
    const { cursor } = this;
    if (!cursor.begun || cursor.visit !== visit) return;
    this.#run(cursor.step.unanswered(this.#user, now), now);
  }

  /** The pong of a step's ping came. */
  pong(now: number): void {
    if (this.cursor.begun) this.#run(this.cursor.step.pong(this.#user, now), now);
  }

  /** The user's time is over. */
  end(now: number): void {
    const user = this.#user;
    const [main, present] = [this.#main, this.cursor];
    if (main?.begun) {
      // It stood still while something else was played: what was due meanwhile is as good as lost.
      this.cursor = main;
      main.step.back(user, now);
      main.step.ending(user, now);
      this.cursor = present;
    }
    const { begun, step } = present;
    this.waits = begun && step.ending(user, now) && user.isOnline;
  }

  /** A round of the flow begins. */
  beginRound(now: number): void {
    this.#roundAt = now;
    this.#roundSends = this.#user.sends;
    this.#roundFailed = false;
  }

  /** Whether the round failed, or took no time and sent nothing. */
  isRoundIdle(now: number): boolean {
    const isIdle = now - this.#roundAt < 1 && this.#user.sends === this.#roundSends;
    return this.#roundFailed || isIdle;
  }

  /** Takes what came of the present step, and goes on until a step waits. */
  #run(first: Outcome, now: number): void {
    const user = this.#user;
    let outcome = first;
    let steps = 0;
    while (outcome !== "wait") {
      if (outcome === "next") this.cursor.jump(this.cursor.at + 1);
      else if (outcome === "fail") this.#failRound();
      const { cursor } = this;
      if (user.isEnding) {
        this.waits = false;
        return;
      }
      // What follows has to wait for a connection.
      if (!user.isOnline) return;
      // Between two steps is a good time for another connection.
      if (user.tether.isRecycling && !this.#main) {
        user.tether.recycleIfIdle(now);
        if (!user.isOnline) return;
      }
      if (steps++ === stepsPerTurn) {
        cursor.wakeAt = now;
        return;
      }
      cursor.begin(++this.#visits, now);
      if (user.traces) user.trace("step", "");
      try {
        outcome = cursor.step.begin(user, now);
      } catch (error) {
        outcome = this.#failed(error);
      }
    }
  }

  /** What is played on a new connection is over when that one is lost as well. */
  #loseAside(now: number): void {
    const main = this.#main;
    if (!main) return;
    const user = this.#user;
    user.tether.course.resubscribed("failed");
    const { begun, step } = this.cursor;
    if (begun && step.lost(user, now) === "wait" && step.awaits(user)) {
      step.undecided(user, "the connection was lost before it came");
    }
    if (begun) step.abandoned(user, now);
    this.cursor = main;
    this.#main = undefined;
  }

  #looked(now: number): Outcome {
    try {
      return this.cursor.step.look(this.#user, now);
    } catch (error) {
      return this.#failed(error);
    }
  }

  /** Goes to the end of the program: nothing more of this round is played. */
  #failRound(): void {
    const { cursor } = this;
    if (!this.#main) this.#roundFailed = true;
    this.#user.tether.course.resubscribed("failed");
    cursor.jump(cursor.program.steps.length - 1);
  }

  #failed(error: unknown): Outcome {
    this.#user.failed(error);
    const { begun, step } = this.cursor;
    if (begun) step.abandoned(this.#user, performance.now());
    return "fail";
  }
}
