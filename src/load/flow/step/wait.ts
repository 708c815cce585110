/** Owns `wait`, and `expect` as a step of its own: a message that has to come. */
import type { Expectation } from "../expectation.js";
import type { Incoming } from "../incoming.js";
import type { User } from "../user.js";
import { miss, seek } from "./expect.js";
import { type Outcome, type Place, Step } from "./step.js";

/** Waits for a message that matches. */
export class Wait extends Step {
  override readonly listens = true;
  readonly #expect: Expectation;
  readonly #isOptional: boolean;

  constructor(place: Place, expect: Expectation, optional: boolean) {
    super(place);
    this.#expect = expect;
    this.#isOptional = optional;
  }

  begin({ cursor }: User, now: number): Outcome {
    cursor.until = now + this.#expect.within;
    cursor.wakeAt = cursor.until;
    return "wait";
  }

  override look(user: User, now: number): Outcome {
    if (now < user.cursor.until) return "wait";
    if (this.#isOptional) return "next";
    miss(user, this.#expect);
    return "fail";
  }

  override message(user: User, incoming: Incoming): Outcome {
    return seek(user, this.#expect, incoming) ? "next" : "wait";
  }

  override undecided(_user: User, why: string): void {
    if (!this.#isOptional) this.#expect.tally.fail(why);
  }

  override awaits(): boolean {
    return true;
  }
}
