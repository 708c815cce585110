/**
 * Owns the send schedule of the open model, as pure arithmetic on global indices.
 *
 * With T connections and R messages per second in all, send k (k = 0, 1, 2 …) is intended at k / R
 * and belongs to connection k mod T: each connection sends at R / T, the connections are evenly out
 * of phase, and the rate over all of them is exact at every instant, whatever the sharding.
 *
 *     connection 0   |■       ■       ■        round r = k div T
 *     connection 1   |  ■       ■       ■
 *     connection 2   |    ■       ■       ■
 *     connection 3   |      ■       ■       ■
 */

/** When each connection's messages are due. */
export class Schedule {
  /** Milliseconds between two messages of all connections together. */
  readonly #gap: number;
  readonly #connections: number;
  /** How many sends the whole plan has: those intended before its end. */
  readonly #total: number;

  /**
   * @param rate messages per second over all connections
   * @param connections of the whole plan, not of a shard
   * @param duration milliseconds; sends are intended in [0, duration)
   */
  constructor(rate: number, connections: number, duration: number) {
    this.#gap = 1000 / rate;
    this.#connections = connections;
    // A few roundings up must not make one message more: 0.07/s for 100 s are 7, not 8.
    this.#total = Math.ceil(((duration * rate) / 1000) * (1 - 4 * Number.EPSILON));
  }

  /** When the connection's message number `round` (from 0) is intended, in ms after the start. */
  intended(connection: number, round: number): number {
    return (round * this.#connections + connection) * this.#gap;
  }

  /** How many messages of this connection were due by `elapsed` ms, that instant included. */
  dueOf(connection: number, elapsed: number): number {
    if (elapsed < 0) return 0;
    // The division may land a hair beside the intended time; both sides use the same product.
    let sends = Math.floor(elapsed / this.#gap) + 1;
    while (sends > 0 && (sends - 1) * this.#gap > elapsed) sends--;
    while (sends * this.#gap <= elapsed) sends++;
    return this.#rounds(connection, Math.min(sends, this.#total));
  }

  /** How many messages this connection sends in the whole plan. */
  roundsOf(connection: number): number {
    return this.#rounds(connection, this.#total);
  }

  #rounds(connection: number, sends: number): number {
    return sends <= connection ? 0 : Math.floor((sends - connection - 1) / this.#connections) + 1;
  }
}
