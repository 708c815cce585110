/** Owns the barriers of a run: users of all workers meet there, and go on at the same time. */

/** One round of a barrier. */
interface Meeting {
  readonly barrier: string;
  readonly round: number;
  readonly waiting: Map<number, number>;
}

/** Hears of the workers at whose users a barrier is complete, and tells when all are. */
export class Barriers {
  readonly #release: (barrier: string, round: number) => void;
  /** By barrier and round: how many users wait at each worker that is complete there. */
  readonly #meetings = new Map<string, Meeting>();
  readonly #workers: Set<number>;

  /** @param workers their numbers: all of them have to come */
  constructor(workers: Iterable<number>, release: (barrier: string, round: number) => void) {
    this.#workers = new Set(workers);
    this.#release = release;
  }

  /** All users of a worker that can come are there; so many wait, and that may be none. */
  complete(worker: number, barrier: string, round: number, waiting: number): void {
    const key = `${round} ${barrier}`;
    let meeting = this.#meetings.get(key);
    if (!meeting) this.#meetings.set(key, (meeting = { barrier, round, waiting: new Map() }));
    meeting.waiting.set(worker, waiting);
    this.#releaseWhole();
  }

  /** Nobody waits for a worker that is lost, or done. */
  leave(worker: number): void {
    this.#workers.delete(worker);
    this.#releaseWhole();
  }

  #releaseWhole(): void {
    for (const [key, { barrier, round, waiting }] of this.#meetings) {
      if (![...this.#workers].every((worker) => waiting.has(worker))) continue;
      // Where nobody waits there is nobody to release, and the next round would follow at once.
      if (![...waiting.values()].some((count) => count > 0)) continue;
      this.#meetings.delete(key);
      this.#release(barrier, round);
    }
  }
}
