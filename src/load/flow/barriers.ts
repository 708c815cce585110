/**
 * Owns the barriers of a worker: who waits where, and whether all who can come have come. Rounds are
 * counted by releases: a user that comes to a barrier which the others have passed before goes on at
 * once.
 */
import type { Births } from "./births.js";
import type { User } from "./user.js";

/** How it stands at a barrier of one worker. */
export interface BarrierState {
  readonly barrier: string;
  /** Counted from 0, with each release. */
  readonly round: number;
  /** Whether all users wait there that can come. */
  readonly state: "complete" | "incomplete";
  /** How many wait: where none can come it is complete, and none wait. */
  readonly waiting: number;
  /** Number of the question that this answers; undefined: it has changed by itself. */
  readonly ask: number | undefined;
}

/** Tells the other workers how it stands here. */
export type BarrierReport = (state: BarrierState) => void;

/** One barrier. */
export class Barrier {
  readonly name: string;
  /** Its number among the worker's barriers. */
  readonly id: number;
  /** How often it has been released. */
  round = 0;
  /** Numbers of the scenarios that it is part of. */
  readonly scenarios = new Set<number>();
  /** The longest that a user waits. */
  timeout = 0;
  readonly #waiting = new Set<User>();
  readonly #births: Births;
  readonly #report: BarrierReport;
  #upTo = 0;
  #due = 0;
  #over = 0;
  /** What was said last: in which round, and how many waited where it was complete; −1: it was not. */
  #said = { round: -1, waiting: -1 };

  constructor(name: string, id: number, births: Births, report: BarrierReport) {
    this.name = name;
    this.id = id;
    this.#births = births;
    this.#report = report;
  }

  /**
   * A user has come.
   * @returns whether it has to wait
   */
  arrive(user: User): boolean {
    const passed = user.passed[this.id] ?? 0;
    if (passed < this.round) {
      user.passed[this.id] = passed + 1;
      return false;
    }
    this.#waiting.add(user);
    return true;
  }

  /** Whether that user waits here. */
  holds(user: User): boolean {
    return this.#waiting.has(user);
  }

  /** A user does not wait any longer. */
  giveUp(user: User): void {
    if (this.#waiting.delete(user)) user.passed[this.id] = this.round + 1;
  }

  /** A user's life is over. */
  left(scenario: number): void {
    if (this.scenarios.has(scenario)) this.#over++;
  }

  /** Lets everybody go on who waits for that round. */
  release(round: number, now: number): void {
    if (round !== this.round) return;
    this.round++;
    const released = [...this.#waiting];
    this.#waiting.clear();
    for (const user of released) {
      user.passed[this.id] = this.round;
      user.nudge(now);
    }
  }

  /**
   * Looks whether everybody is here, and tells when that has changed; `elapsed` is the time since the
   * start, in ms.
   */
  check(elapsed: number): void {
    const waiting = this.#completeAt(elapsed);
    const before = this.#said.round === this.round ? this.#said.waiting : -1;
    if (waiting !== before) this.#say(waiting, undefined);
  }

  /** Says how it stands at this very moment, if it is still that round's turn. */
  confirm(round: number, ask: number, elapsed: number): void {
    if (round === this.round) this.#say(this.#completeAt(elapsed), ask);
  }

  /** How many wait if nobody else can come; −1: somebody can. */
  #completeAt(elapsed: number): number {
    const horizon = elapsed + this.timeout;
    while (this.#upTo < this.#births.count && this.#births.from(this.#upTo) <= horizon) {
      if (this.scenarios.has(this.#births.scenario(this.#upTo))) this.#due++;
      this.#upTo++;
    }
    const waiting = this.#waiting.size;
    return waiting === this.#due - this.#over ? waiting : -1;
  }

  #say(waiting: number, ask: number | undefined): void {
    const { name: barrier, round } = this;
    this.#said = { round, waiting };
    const state = waiting < 0 ? "incomplete" : "complete";
    this.#report({ barrier, round, state, waiting: this.#waiting.size, ask });
  }
}

/** All barriers of a worker. */
export class Barriers {
  readonly #byName = new Map<string, Barrier>();
  readonly #births: Births;
  readonly #report: BarrierReport;

  constructor(births: Births, report: BarrierReport) {
    this.#births = births;
    this.#report = report;
  }

  /** The barrier of that name, which is now a part of the scenario of that number, too. */
  at(name: string, scenario: number, timeout: number): Barrier {
    let barrier = this.#byName.get(name);
    if (!barrier) {
      barrier = new Barrier(name, this.#byName.size, this.#births, this.#report);
      this.#byName.set(name, barrier);
    }
    barrier.scenarios.add(scenario);
    barrier.timeout = Math.max(barrier.timeout, timeout);
    return barrier;
  }

  /** A life of that scenario is over. */
  left(scenario: number): void {
    for (const barrier of this.#byName.values()) barrier.left(scenario);
  }

  /** Looks at all of them; `elapsed` is the time since the start, in ms. */
  check(elapsed: number): void {
    for (const barrier of this.#byName.values()) barrier.check(elapsed);
  }

  /** Answers the question whether everybody is here, now. */
  confirm(name: string, round: number, ask: number, elapsed: number): void {
    this.#byName.get(name)?.confirm(round, ask, elapsed);
  }

  /** Lets those go on who wait at that barrier for that round. */
  release(name: string, round: number, now: number): void {
    this.#byName.get(name)?.release(round, now);
  }
}
