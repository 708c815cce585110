/** Owns events: when something happens to the whole run, and whom of a worker it hits. */
import { eventCause } from "../../metrics/recovery-part.js";
import type { PlanEvent } from "../../scenario/flow-plan.js";
import type { User } from "./user.js";
import type { Users } from "./users.js";
import type { World } from "./world.js";

/** An event and when it comes next, in ms after the start of traffic. */
interface Coming {
  readonly event: PlanEvent;
  readonly number: number;
  round: number;
  at: number;
}

/** A cut that goes on: connections are cut one by one, evenly over a time. */
interface Rolling {
  readonly coming: Pick<Coming, "event" | "at">;
  readonly cause: number;
  readonly users: readonly User[];
  done: number;
}

/** The events of a plan, as a worker plays them. */
export class Events {
  /** When something is due, in ms after the start of traffic. */
  next = Infinity;
  readonly #world: World;
  readonly #users: Pick<Users, "each">;
  readonly #coming: readonly Coming[];
  #rolling: Rolling[] = [];

  constructor(world: World, users: Pick<Users, "each">) {
    this.#world = world;
    this.#users = users;
    this.#coming = world.flow.events.map((event, number) => ({
      event,
      number,
      round: 0,
      at: event.at,
    }));
    this.#setNext();
  }

  /** Lets happen what is due by `elapsed` ms after the start of traffic. */
  strike(elapsed: number, now: number): void {
    if (elapsed < this.next) return;
    for (const coming of this.#coming) {
      while (coming.at <= elapsed) this.#begin(coming, now);
    }
    for (const rolling of this.#rolling) {
      while (dueAt(rolling) <= elapsed) {
        const { coming, cause, users } = rolling;
        users[rolling.done++]!.tether.drop(coming.event.how, now, cause);
      }
    }
    if (this.#rolling.length > 0) {
      this.#rolling = this.#rolling.filter(({ users, done }) => done < users.length);
    }
    this.#setNext();
  }

  /** One round of an event. */
  #begin(coming: Coming, now: number): void {
    const { event, number, round, at } = coming;
    const { how, over = 0, every, times = every === undefined ? 1 : Infinity } = event;
    const shares = this.#world.eventShare(number, round);
    const cause = eventCause(number, round);
    const users: User[] = [];
    this.#users.each((user) => {
      if (user.isOnline && shares.of(user.index) === 0) users.push(user);
    });
    if (over > 0) this.#rolling.push({ coming: { event, at }, cause, users, done: 0 });
    else for (const user of users) user.tether.drop(how, now, cause);
    coming.round++;
    coming.at = coming.round < times ? at + (every ?? Infinity) : Infinity;
  }

  #setNext(): void {
    this.next = Infinity;
    for (const { at } of this.#coming) this.next = Math.min(this.next, at);
    for (const rolling of this.#rolling) this.next = Math.min(this.next, dueAt(rolling));
  }
}

/** When the next connection is cut; Infinity: all are. */
function dueAt({ coming: { event, at }, users, done }: Rolling): number {
  return done < users.length ? at + ((event.over ?? 0) * done) / users.length : Infinity;
}
