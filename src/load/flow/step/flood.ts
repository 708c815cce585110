/** Owns the closed loop of one user: so many requests unanswered, the next as soon as one is. */
import type { Expectation } from "../expectation.js";
import type { Incoming } from "../incoming.js";
import type { Message } from "../message.js";
import type { User } from "../user.js";
import { type Outcome, type Place, Step } from "./step.js";

/** What it does. */
export interface FloodOptions {
  /** Milliseconds. */
  readonly for: number;
  readonly inFlight: number;
  /** In turn. */
  readonly messages: readonly Message[];
  /** Held against each reply. */
  readonly expect: Expectation | undefined;
  /** Whether replies are told from other messages; if not, whatever comes is taken for one. */
  readonly pairs: boolean;
}

/** Sends as fast as replies come. */
export class Flood extends Step {
  override readonly listens: boolean;
  readonly #options: FloodOptions;

  constructor(place: Place, options: FloodOptions) {
    super(place);
    this.#options = options;
    this.listens = !options.pairs;
  }

  begin(user: User, now: number): Outcome {
    user.cursor.until = now + this.#options.for;
    user.cursor.wakeAt = user.cursor.until;
    return this.look(user, now);
  }

  override look(user: User, now: number): Outcome {
    const { cursor } = user;
    if (now >= cursor.until) return "next";
    const { inFlight, messages, expect } = this.#options;
    while (cursor.count < inFlight && user.canSend && !user.tether.isRecycling) {
      const message = messages[user.turn++ % messages.length]!;
      user.send(message, now, now, expect);
      cursor.count++;
    }
    return "wait";
  }

  override message(user: User, _incoming: Incoming, now: number): Outcome {
    return this.#freed(user, now);
  }

  override answered(user: User, _incoming: Incoming, now: number): Outcome {
    return this.#freed(user, now);
  }

  override unanswered(user: User, now: number): Outcome {
    return this.#freed(user, now);
  }

  override lost({ cursor }: User): Outcome {
    cursor.count = 0;
    return "wait";
  }

  override awaits({ cursor }: User): boolean {
    return cursor.count > 0;
  }

  override ending(): boolean {
    return false;
  }

  #freed(user: User, now: number): Outcome {
    if (user.cursor.count > 0) user.cursor.count--;
    return this.look(user, now);
  }
}
