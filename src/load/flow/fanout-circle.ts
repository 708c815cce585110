/**
 * Owns the circle: who of a worker's users was there to hear a kind of broadcast, and when. How many
 * there were over time is told as moves, so that the circles of all workers can be added up for the
 * very moment at which a broadcast was sent.
 */

/** What a user of a circle takes, in bytes. */
export const circleBytes = 24;

/** So many stays of a user are remembered beside the present one and the last. */
const mostOlder = 8;

/** From when, and until before when, somebody was in a circle. */
interface Stay {
  readonly from: number;
  readonly to: number;
}

/**
 * The name of the circle that hears a sender's broadcasts.
 * @param audience as the sender's scenario says
 */
export function circleName(audience: string, sender: number): string {
  return audience === "observed" ? `of user ${sender}` : audience;
}

/** The users of one worker who hear the same. Moments in microseconds, users by place in the shard. */
export class Circle {
  readonly name: string;
  /** How many are in it. */
  size = 0;
  /** NaN: not in it. */
  readonly #since: Float64Array;
  /** Its stay before this one, for what comes late. */
  readonly #pastFrom: Float64Array;
  readonly #pastTo: Float64Array;
  /** By user: further ones before that, oldest first, of who comes and goes in quick succession. */
  readonly #older = new Map<number, Stay[]>();
  #moves: number[] = [];

  constructor(name: string, users: number) {
    this.name = name;
    this.#since = new Float64Array(users).fill(NaN);
    this.#pastFrom = new Float64Array(users).fill(NaN);
    this.#pastTo = new Float64Array(users).fill(NaN);
  }

  /** Somebody is in it from that moment on, which may be earlier than was known. */
  join(user: number, at: number): void {
    const since = this.#since[user]!;
    if (since <= at) return;
    this.#since[user] = at;
    this.#moves.push(at, 1);
    if (Number.isNaN(since)) this.size++;
    else this.#moves.push(since, -1);
  }

  /**
   * Somebody was in it up to that moment, that included, and no longer.
   * @param through nobody asks about that moment, or an earlier one, any more
   */
  leave(user: number, at: number, through: number): void {
    const since = this.#since[user]!;
    if (Number.isNaN(since)) return;
    // Stamps hold whole microseconds: what was sent at that moment is still for its ears.
    const to = Math.max(since, Math.floor(at) + 0.5);
    this.#since[user] = NaN;
    if (this.#pastTo[user]! > through) this.#keepPast(user);
    this.#pastFrom[user] = since;
    this.#pastTo[user] = to;
    this.#moves.push(to, -1);
    this.size--;
  }

  #keepPast(user: number): void {
    const past = { from: this.#pastFrom[user]!, to: this.#pastTo[user]! };
    const older = this.#older.get(user);
    if (!older) this.#older.set(user, [past]);
    else if (older.push(past) > mostOlder) older.shift();
  }

  /** Whether somebody was in it at that moment. */
  holds(user: number, at: number): boolean {
    if (this.#since[user]! <= at) return true;
    if (this.#pastFrom[user]! <= at) return at < this.#pastTo[user]!;
    if (this.#older.size === 0) return false;
    return this.#older.get(user)?.some(({ from, to }) => from <= at && at < to) === true;
  }

  /**
   * Takes the moves since the last call.
   * @param through nobody asks about that moment, or an earlier one, any more
   */
  takeMoves(through: number): number[] {
    for (const [user, older] of this.#older) {
      if (older.at(-1)!.to <= through) this.#older.delete(user);
    }
    const moves = this.#moves;
    if (moves.length > 0) this.#moves = [];
    return moves;
  }
}
