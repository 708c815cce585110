/**
 * Owns the open model: messages leave when the schedule says so, whatever the replies do. What was
 * due while a connection was blocked is sent as soon as it is not, with the time it was intended
 * for; nothing is skipped.
 */
import type { Schedule } from "../scenario/schedule.js";
import type { Link } from "./link.js";
import type { Traffic } from "./rig.js";

/** Sends at most so many in one tick, so that a backlog does not keep replies from being read. */
const sendsPerTick = 5000;

/** Reads lead to a look at what is due no more often than that, in ms. */
const lookEvery = 0.1;

/** What became of the schedule, once it has ended. */
export interface ScheduleOutcome {
  /** Due, and sent; of connections that ended before, what they have sent. */
  readonly due: number;
  readonly sent: number;
  /** Due on connections that had failed or ended. */
  readonly unsent: number;
}

/** Traffic at a given rate. */
export class OpenModel implements Traffic {
  readonly #schedule: Schedule;
  /** By position in the shard; undefined where a connection did not open. */
  readonly #links: readonly (Link | undefined)[];
  readonly #from: number;
  readonly #beat: (now: number) => void;
  #startedAt = Infinity;
  #round = 0;
  #position = 0;
  #lookedAt = Infinity;
  readonly #touched: Link[] = [];

  /**
   * @param from global index of the first of `links`
   * @param beat called when a look is worth it between two of the pacer's, in place of {@link tick},
   *   which it is to call
   */
  constructor(
    schedule: Schedule,
    links: readonly (Link | undefined)[],
    from: number,
    beat?: (now: number) => void,
  ) {
    this.#schedule = schedule;
    this.#beat = beat ?? ((now) => this.tick(now));
    this.#links = links;
    this.#from = from;
  }

  /** Sets the schedule's zero, on this process's `performance.now` clock. */
  start(at: number): void {
    this.#startedAt = at;
  }

  /** Sends what is due by `now`. */
  tick(now: number): void {
    this.#lookedAt = now;
    const elapsed = now - this.#startedAt;
    let sends = 0;
    while (sends < sendsPerTick) {
      const index = this.#from + this.#position;
      if (this.#schedule.intended(index, this.#round) > elapsed) break;
      if (this.#round >= this.#schedule.roundsOf(index)) break;
      const link = this.#links[this.#position];
      if (link?.open && !link.blocked) sends += this.#catchUp(link, this.#round + 1);
      this.#position++;
      if (this.#position === this.#links.length) {
        this.#position = 0;
        this.#round++;
      }
    }
    this.#flush();
  }

  /** When the next message is due, on `performance.now`'s clock; Infinity when all have left. */
  get next(): number {
    const index = this.#from + this.#position;
    if (this.#round >= this.#schedule.roundsOf(index)) return Infinity;
    return this.#startedAt + this.#schedule.intended(index, this.#round);
  }

  /** Looks what is due, if the last look is some time ago: that wakes nobody, unlike a pacer. */
  read(now: number): void {
    if (now - this.#lookedAt >= lookEvery) this.#beat(now);
  }

  freed(): void {
    // Replies free nothing: the schedule alone decides.
  }

  unblocked(link: Link): void {
    const elapsed = performance.now() - this.#startedAt;
    this.#catchUp(link, this.#schedule.dueOf(link.index, elapsed));
    this.#flush();
  }

  /** Takes stock `elapsed` ms after the start. */
  outcome(elapsed: number): ScheduleOutcome {
    const outcome = { due: 0, sent: 0, unsent: 0 };
    for (const [position, link] of this.#links.entries()) {
      const due = this.#schedule.dueOf(this.#from + position, elapsed);
      const sent = link?.rounds ?? 0;
      outcome.due += link?.open ? due : sent;
      outcome.sent += sent;
      if (!link?.open) outcome.unsent += Math.max(0, due - sent);
    }
    return outcome;
  }

  #flush(): void {
    for (const link of this.#touched) link.flush();
    this.#touched.length = 0;
  }

  /**
   * Makes what comes before message number `until` due on one connection, as much of it as a tick
   * may send: the rest follows when the connection's turn comes again.
   */
  #catchUp(link: Link, until: number): number {
    if (link.rounds < until && !link.pending) this.#touched.push(link);
    let sends = 0;
    while (link.rounds < until && sends < sendsPerTick) {
      link.send(this.#startedAt + this.#schedule.intended(link.index, link.rounds));
      sends++;
    }
    return sends;
  }
}
