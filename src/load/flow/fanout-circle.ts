/**
 * Owns the circle: who of a worker's users was there to hear a kind of broadcast, and when. How many
 * there were over time is told as moves, so that the circles of all workers can be added up for the
 * very moment at which a broadcast was sent.
 */

/** What a user of a circle takes, in bytes. */
export const circleBytes = 24;

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

  /** Somebody was in it up to that moment, that included, and no longer. */
  leave(user: number, at: number): void {
    const since = this.#since[user]!;
    if (Number.isNaN(since)) return;
    // Stamps hold whole microseconds: what was sent at that moment is still for its ears.
    const to = Math.max(since, Math.floor(at) + 0.5);
    this.#since[user] = NaN;
    this.#pastFrom[user] = since;
    this.#pastTo[user] = to;
    this.#moves.push(to, -1);
    this.size--;
  }

  /** Whether somebody was in it at that moment. */
  holds(user: number, at: number): boolean {
    return this.#since[user]! <= at || (this.#pastFrom[user]! <= at && at < this.#pastTo[user]!);
  }

  /** Takes the moves since the last call. */
  takeMoves(): number[] {
    const moves = this.#moves;
    if (moves.length > 0) this.#moves = [];
    return moves;
  }
}
