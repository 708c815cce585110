/** Owns `send`: one message, and what is expected to follow it. */
import type { Expectation } from "../expectation.js";
import type { Incoming } from "../incoming.js";
import type { Message } from "../message.js";
import type { User } from "../user.js";
import { hold, miss, seek } from "./expect.js";
import { type Outcome, type Place, Step } from "./step.js";

/** Sends one message. */
export class Send extends Step {
  override readonly listens: boolean;
  readonly #message: Message;
  readonly #expect: Expectation | undefined;
  /** Whether it is the reply that is expected, and not just any message. */
  readonly #byReply: boolean;

  /** @param pairs whether replies are told from other messages without looking at them */
  constructor(place: Place, message: Message, expect: Expectation | undefined, pairs: boolean) {
    super(place);
    this.#message = message;
    this.#expect = expect;
    this.#byReply = message.reply && pairs;
    this.listens = expect !== undefined && !this.#byReply;
  }

  begin(user: User, now: number): Outcome {
    return this.look(user, now);
  }

  override look(user: User, now: number): Outcome {
    const { cursor } = user;
    if (cursor.count === 0) {
      if (!user.canSend) return "wait";
      // It was to leave when the step was reached, however long the socket was blocked.
      user.send(this.#message, cursor.since, now, undefined);
      if (!this.#expect) return "next";
      cursor.count = 1;
      cursor.until = now + this.#expect.within;
      cursor.wakeAt = cursor.until;
      if (user.traces) user.trace("waiting", "for the reply");
      return "wait";
    }
    if (now < cursor.until) return "wait";
    miss(user, this.#expect!);
    return "next";
  }

  override message(user: User, incoming: Incoming): Outcome {
    if (user.cursor.count === 0 || this.#byReply) return "wait";
    return seek(user, this.#expect!, incoming) ? "next" : "wait";
  }

  override answered(user: User, incoming: Incoming): Outcome {
    if (!this.#expect || !this.#byReply) return "wait";
    hold(user, this.#expect, incoming);
    return "next";
  }

  override lost(user: User): Outcome {
    if (user.cursor.count === 0) return "wait";
    this.#expect?.tally.fail("the connection was lost before it came");
    return "next";
  }

  override back({ cursor }: User, now: number): void {
    // What was not sent over the old connection was to leave when there was another.
    if (cursor.count === 0) cursor.since = now;
  }

  override undecided(_user: User, why: string): void {
    this.#expect?.tally.fail(why);
  }

  override awaits(user: User): boolean {
    return user.cursor.count > 0;
  }
}
