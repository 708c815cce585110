/** Owns `barrier`: users of all workers wait for each other. */
import type { Barrier } from "../barriers.js";
import type { Tally } from "../expectation.js";
import type { User } from "../user.js";
import { type Outcome, type Place, Step } from "./step.js";

/** Waits until the barrier is released. */
export class AtBarrier extends Step {
  readonly #barrier: Barrier;
  readonly #timeout: number;
  readonly #tally: Tally;

  constructor(place: Place, barrier: Barrier, timeout: number, tally: Tally) {
    super(place);
    this.#barrier = barrier;
    this.#timeout = timeout;
    this.#tally = tally;
  }

  begin(user: User, now: number): Outcome {
    if (!this.#barrier.arrive(user)) return this.#pass(user);
    user.cursor.until = now + this.#timeout;
    user.cursor.wakeAt = user.cursor.until;
    if (user.traces) user.trace("waiting", `at barrier ${this.#barrier.name}`);
    return "wait";
  }

  override look(user: User, now: number): Outcome {
    if (!this.#barrier.holds(user)) return this.#pass(user);
    if (now < user.cursor.until) {
      user.cursor.wakeAt = user.cursor.until;
      return "wait";
    }
    this.#barrier.giveUp(user);
    const why = `not everybody came within ${Math.round(this.#timeout)} ms`;
    this.#tally.fail(why);
    if (user.traces) user.trace("failed", why);
    return "next";
  }

  override ending(user: User): boolean {
    this.#barrier.giveUp(user);
    return false;
  }

  #pass(user: User): Outcome {
    this.#tally.pass();
    if (user.traces) user.trace("matched", `barrier ${this.#barrier.name}`);
    return "next";
  }
}
