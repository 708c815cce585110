/** Owns `close` and `reconnect`: the user ends its connection itself. */
import type { User } from "../user.js";
import { type Outcome, type Place, Step } from "./step.js";

/** Closes with a code; the user's flow ends with it. */
export class Close extends Step {
  readonly #code: number;
  readonly #reason: string;

  constructor(place: Place, code: number, reason: string) {
    super(place);
    this.#code = code;
    this.#reason = reason;
  }

  begin(user: User, now: number): Outcome {
    user.leave(this.#code, this.#reason, now);
    return "wait";
  }
}

/** Closes with 1000 and opens again; the flow goes on there. */
export class Reconnect extends Step {
  begin(user: User, now: number): Outcome {
    user.cursor.count = 1;
    user.tether.reopen(now);
    return "wait";
  }

  override look({ isOnline }: User): Outcome {
    return isOnline ? "next" : "wait";
  }
}
