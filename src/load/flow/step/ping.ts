/** Owns `ping`: a ping whose pong has to come. */
import { safeLine } from "../../../base/safe-text.js";
import type { Tally } from "../expectation.js";
import type { User } from "../user.js";
import { type Outcome, type Place, Step } from "./step.js";

/** Sends a ping, and waits for its pong. */
export class Ping extends Step {
  readonly #payload: Buffer;
  readonly #within: number;
  readonly #tally: Tally;

  /** @param payload at most 125 bytes (RFC 6455 §5.5) */
  constructor(place: Place, payload: string, within: number, tally: Tally) {
    super(place);
    this.#payload = Buffer.from(payload, "utf8").subarray(0, 125);
    this.#within = within;
    this.#tally = tally;
  }

  begin(user: User, now: number): Outcome {
    return this.look(user, now);
  }

  override look(user: User, now: number): Outcome {
    const { cursor } = user;
    if (cursor.count === 0) {
      if (!user.canSend) return "wait";
      user.tether.open!.ping(this.#payload);
      cursor.count = 1;
      cursor.until = now + this.#within;
      cursor.wakeAt = cursor.until;
      if (user.traces) user.trace("sent", `ping ${safeLine(this.#payload.toString())}`);
      return "wait";
    }
    if (now < cursor.until) return "wait";
    user.tether.connection?.forgetPing();
    this.#tally.fail(`no pong within ${Math.round(this.#within)} ms`);
    user.tether.course.resubscribed("failed");
    if (user.traces) user.trace("failed", "no pong came");
    return "next";
  }

  override pong(user: User): Outcome {
    this.#tally.pass();
    if (user.traces) user.trace("received", "pong");
    return "next";
  }

  override lost({ cursor }: User): Outcome {
    if (cursor.count === 0) return "wait";
    this.#tally.fail("the connection was lost before the pong came");
    return "next";
  }

  override undecided(_user: User, why: string): void {
    this.#tally.fail(why);
  }

  override awaits({ cursor }: User): boolean {
    return cursor.count > 0;
  }
}
