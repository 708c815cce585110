/** Owns `think` and `listen`: nothing is sent for a while. */
import type { Span } from "../../../scenario/flow-plan.js";
import type { User } from "../user.js";
import { type Outcome, type Place, Step } from "./step.js";

/** Lets time pass. */
export class Pause extends Step {
  readonly #span: Span;

  /** @param span in ms; drawn anew by each user each time */
  constructor(place: Place, span: Span) {
    super(place);
    this.#span = span;
  }

  begin(user: User, now: number): Outcome {
    const { cursor } = user;
    cursor.until = now + user.draw(this.#span);
    cursor.wakeAt = cursor.until;
    return this.look(user, now);
  }

  override look({ cursor }: User, now: number): Outcome {
    return now >= cursor.until ? "next" : "wait";
  }
}
