/** Owns the users of a worker: who is born when, who is alive, and what became of those who are not. */
import type { FlowFacts } from "../play.js";
import type { Barriers } from "./barriers.js";
import type { Births } from "./births.js";
import type { Cast } from "./cast.js";
import type { Rows } from "./rows.js";
import { User } from "./user.js";
import type { World } from "./world.js";

/** What the next life of an index has to know of those before. */
interface Former {
  user: User;
  lives: number;
  /** The rank of the life that begins when the present one is over. */
  next: number | undefined;
}

/** All users. */
export class Users {
  /** Lives that have begun and are not over. */
  alive = 0;
  /** What users carry; set before the first is born. */
  rows: Rows | undefined;
  readonly #world: World;
  readonly #cast: Cast;
  readonly #barriers: Barriers;
  readonly #births: Births;
  readonly #places: number;
  readonly #done: () => void;
  readonly #byId: (User | undefined)[] = [];
  readonly #free: number[] = [];
  readonly #orphans: User[] = [];
  /** Of indices that live more than once. */
  readonly #former = new Map<number, Former>();
  readonly #counts = { begun: 0, completed: 0, lost: 0, dropped: 0 };
  /** Of those lost. */
  #byPlan = 0;
  #rank = 0;
  #isOver = false;

  /**
   * @param places how many may be alive at once
   * @param done called when nobody is left, and nobody is to come
   */
  constructor(
    world: World,
    cast: Cast,
    barriers: Barriers,
    births: Births,
    places: number,
    done: () => void,
  ) {
    this.#world = world;
    this.#cast = cast;
    this.#barriers = barriers;
    this.#births = births;
    this.#places = places;
    this.#done = done;
  }

  /** The user of that number on the wheel. */
  at(id: number): User | undefined {
    return this.#byId[id];
  }

  /** Calls `visit` with everyone alive. */
  each(visit: (user: User) => void): void {
    for (const user of this.#byId) if (user) visit(user);
  }

  /** When the next life begins, in ms after the start; Infinity: nobody is to come. */
  get nextBirth(): number {
    return this.#isOver || this.#rank >= this.#births.count
      ? Infinity
      : this.#births.from(this.#rank);
  }

  /** Calls `visit` with a part of those alive: in so many parts, with everyone. */
  eachOf(part: number, parts: number, visit: (user: User) => void): void {
    for (let id = part; id < this.#byId.length; id += parts) {
      const user = this.#byId[id];
      if (user) visit(user);
    }
  }

  /** Everyone alive, one by one; who is gone by their turn is passed over. */
  *all(): Generator<User> {
    for (const user of this.#byId) if (user) yield user;
  }

  /** Begins the lives that are due. */
  bear(now: number): void {
    if (this.#isOver) return;
    const elapsed = now - this.#world.startedAt;
    const births = this.#births;
    while (this.#rank < births.count && births.from(this.#rank) <= elapsed) {
      this.#bear(this.#rank++, now);
    }
    if (this.alive === 0) this.#lookIfDone();
  }

  /** A life is over. */
  over(user: User, how: "completed" | "lost"): void {
    this.#counts[how]++;
    if (how === "lost" && user.tether.course.plannedUntil === Infinity) this.#byPlan++;
    this.#remove(user);
  }

  /** A life is over before its time, while messages were still due. */
  orphaned(user: User): void {
    this.#orphans.push(user);
    this.over(user, "lost");
  }

  /**
   * Ends all lives.
   * @param until what was due by then, of those lost before their time, is reckoned as unsent
   */
  end(now: number, until: number): void {
    this.#isOver = true;
    this.each((user) => user.stop(now));
    for (const user of this.#orphans.splice(0)) user.settle(until);
  }

  counts(): FlowFacts["users"] {
    return { ...this.#counts, ...(this.#byPlan > 0 ? { lostByPlan: this.#byPlan } : {}) };
  }

  #bear(rank: number, now: number): void {
    const births = this.#births;
    const role = this.#cast.roles[births.scenario(rank)]!;
    const isPast = births.to(rank) <= now - this.#world.startedAt;
    if (isPast || this.alive >= this.#places) return this.#drop(rank);
    const index = births.index(rank);
    const former = this.#former.get(index);
    if (former && this.#byId[former.user.id] === former.user) {
      if (former.next !== undefined) this.#drop(former.next);
      former.next = rank;
      return;
    }
    const lives = former?.lives ?? 0;
    const id = this.#free.pop() ?? this.#byId.length;
    const context = this.#world.contextOf(index, lives, this.rows?.of(index));
    const endsAt = this.#world.startedAt + births.to(rank);
    const user = new User(id, this.#world, role, context, endsAt);
    user.stampSeq = former?.user.stampSeq ?? 0;
    user.stampsBefore = user.stampSeq;
    if (births.isRepeated(index)) {
      this.#former.set(index, { user, lives: lives + 1, next: undefined });
    }
    this.#byId[id] = user;
    this.alive++;
    this.#counts.begun++;
    user.tether.dial();
    user.endTurn(now);
  }

  /** A life cannot be lived. */
  #drop(rank: number): void {
    const role = this.#cast.roles[this.#births.scenario(rank)]!;
    this.#counts.dropped++;
    role.scope.hot.ws_arrivals_dropped++;
    this.#barriers.left(role.number);
  }

  #remove(user: User): void {
    this.#byId[user.id] = undefined;
    this.#free.push(user.id);
    this.alive--;
    this.#barriers.left(user.role.number);
    const former = this.#former.get(user.index);
    if (former?.user === user && former.next !== undefined) {
      const { next } = former;
      former.next = undefined;
      if (this.#isOver) this.#drop(next);
      else this.#bear(next, performance.now());
    }
    this.#lookIfDone();
  }

  #lookIfDone(): void {
    if (this.alive === 0 && this.#rank === this.#births.count) this.#done();
  }
}
