/**
 * Owns the barriers of a worker: who waits where, and whether all who can come have come. Rounds are
 * counted by releases: a user that comes to a barrier which the others have passed before goes on at
 * once.
 */
import type { Births } from "./births.js";
import type { User } from "./user.js";

/** Tells the other workers that everybody waits here. */
export type BarrierReport = (barrier: string, round: number, waiting: number) => void;

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
  #said = { round: -1, waiting: 0 };

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

  /** Looks whether everybody is here; `elapsed` is the time since the start, in ms. */
  check(elapsed: number): void {
    const horizon = elapsed + this.timeout;
    while (this.#upTo < this.#births.count && this.#births.from(this.#upTo) <= horizon) {
      if (this.scenarios.has(this.#births.scenario(this.#upTo))) this.#due++;
      this.#upTo++;
    }
    const waiting = this.#waiting.size;
    if (waiting !== this.#due - this.#over) return;
    const isNews = this.#said.round !== this.round || (waiting > 0 && this.#said.waiting === 0);
    if (!isNews) return;
    this.#said = { round: this.round, waiting };
    this.#report(this.name, this.round, waiting);
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

  /** Lets those go on who wait at that barrier for that round. */
  release(name: string, round: number, now: number): void {
    this.#byName.get(name)?.release(round, now);
  }
}
