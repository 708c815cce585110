/**
 * Owns `every`: messages on a schedule of intended times. What was due while the socket was blocked
 * is sent as soon as it is not, with the time it was intended for; nothing is skipped.
 */
import type { Expectation } from "../expectation.js";
import type { Message } from "../message.js";
import type { User } from "../user.js";
import { type Outcome, type Place, Step } from "./step.js";

/** Sends at most so many in one turn, so that a backlog does not keep replies from being read. */
const sendsPerTurn = 1000;

/** The golden section: its multiples, cut to 0–1, lie as evenly as can be, however many there are. */
const golden = 0.618_033_988_749_895;

/** What it does. */
export interface EveryOptions {
  /** Messages per second of one user. */
  readonly rate: number;
  /** Milliseconds. */
  readonly for: number;
  /** In turn. */
  readonly messages: readonly Message[];
  /** Held against each reply. */
  readonly expect: Expectation | undefined;
}

/** Sends at a rate. */
export class Every extends Step {
  override readonly owes = true;
  readonly #gap: number;
  readonly #options: EveryOptions;

  constructor(place: Place, options: EveryOptions) {
    super(place);
    this.#gap = 1000 / options.rate;
    this.#options = options;
  }

  begin(user: User, now: number): Outcome {
    user.cursor.until = now + this.#options.for;
    return this.look(user, now);
  }

  override look(user: User, now: number): Outcome {
    const { cursor } = user;
    const { messages, expect } = this.#options;
    const total = this.#total(user);
    const limit = Math.min(now, user.endsAt);
    let sends = 0;
    while (cursor.count < total && this.#intended(user) <= limit && user.canSend) {
      if (sends++ === sendsPerTurn) {
        cursor.wakeAt = now;
        return "wait";
      }
      const message = messages[cursor.count % messages.length]!;
      user.send(message, this.#intended(user), now, expect);
      cursor.count++;
      user.world.schedule.sent++;
    }
    const isDone = cursor.count === total;
    if (isDone && now >= cursor.until) {
      user.world.schedule.due += cursor.count;
      return "next";
    }
    // With the socket blocked it is woken by the socket.
    const next = isDone ? cursor.until : this.#intended(user);
    cursor.wakeAt = next > now || user.canSend ? next : Infinity;
    return "wait";
  }

  override abandoned(user: User, now: number): void {
    const { cursor, world } = user;
    if (!user.isOnline) this.#unsent(user, now);
    world.schedule.due += cursor.count;
  }

  override back(user: User, now: number): void {
    const missed = this.#unsent(user, now);
    user.cursor.count += missed;
    // They count among those of the step, but were due on no open connection.
    user.world.schedule.due -= missed;
  }

  override ending(user: User, now: number): boolean {
    const { cursor, world } = user;
    if (user.isOnline) {
      const missed = this.#missed(user, now);
      user.overdue(missed);
      world.schedule.due += cursor.count + missed;
    } else {
      this.#unsent(user, now);
      world.schedule.due += cursor.count;
    }
    return false;
  }

  /**
   * How many messages it has for this user: those intended before its end. Users are out of phase, so
   * that those who begin together do not send together.
   */
  #total(user: User): number {
    const sends = this.#options.for / this.#gap - phaseOf(user);
    // A few roundings up must not make one message more.
    return Math.max(0, Math.ceil(sends * (1 - 8 * Number.EPSILON)));
  }

  #intended({ cursor, index }: User): number {
    return cursor.since + (cursor.count + ((index * golden) % 1)) * this.#gap;
  }

  /** Counts what was due by then and is not sent, and says how many these are. */
  #unsent(user: User, now: number): number {
    const missed = this.#missed(user, now);
    const { plannedUntil } = user.tether.course;
    user.unsent(missed, Math.min(missed, this.#missed(user, Math.min(now, plannedUntil))));
    return missed;
  }

  /** How many were due by then and are not sent. */
  #missed(user: User, now: number): number {
    const { cursor, endsAt } = user;
    const elapsed = Math.min(now, endsAt) - cursor.since;
    const due = Math.floor(elapsed / this.#gap - phaseOf(user)) + 1;
    return Math.max(0, Math.min(due, this.#total(user)) - cursor.count);
  }
}

function phaseOf({ index }: User): number {
  return (index * golden) % 1;
}
