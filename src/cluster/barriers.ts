/** Owns the barriers of a run: users of all workers meet there, and go on at the same time. */
import type { BarrierState } from "../load/flow/barriers.js";
import type { ToMeeting } from "./messages.js";

/** One round of a barrier. */
interface Meeting {
  readonly barrier: string;
  readonly round: number;
  /** How it stands at each worker, as that said last. */
  readonly states: Map<number, BarrierState>;
  /** Number of the question that is under way: whether all are complete at the same time. */
  ask: number | undefined;
}

/**
 * Hears how barriers stand at the workers, and tells when one is complete at all of them. What a
 * worker said a while ago may be so no longer: before anybody goes on, all are asked once more.
 */
export class Barriers {
  readonly #tell: (message: ToMeeting) => void;
  /** By barrier: the round that is to be released next. */
  readonly #meetings = new Map<string, Meeting>();
  readonly #workers: Set<number>;
  #asks = 0;

  /**
   * @param workers their numbers: all of them have to come
   * @param tell sends it to all workers
   */
  constructor(workers: Iterable<number>, tell: (message: ToMeeting) => void) {
    this.#workers = new Set(workers);
    this.#tell = tell;
  }

  /** A worker says how it stands. */
  hear(worker: number, state: BarrierState): void {
    const { barrier, round } = state;
    let meeting = this.#meetings.get(barrier);
    if (!meeting) {
      this.#meetings.set(
        barrier,
        (meeting = { barrier, round: 0, states: new Map(), ask: undefined }),
      );
    }
    // It was said before the worker heard of the last release.
    if (round !== meeting.round) return;
    meeting.states.set(worker, state);
    // It has changed: what the others answer meanwhile is worth nothing any more.
    if (state.ask === undefined || state.state === "incomplete") meeting.ask = undefined;
    this.#advance(meeting);
  }

  /** Nobody waits for a worker that is lost, or done. */
  leave(worker: number): void {
    this.#workers.delete(worker);
    for (const meeting of this.#meetings.values()) {
      meeting.states.delete(worker);
      this.#advance(meeting);
    }
  }

  /** Asks when all are complete, and releases when all have said so in answer. */
  #advance(meeting: Meeting): void {
    const { barrier, round, states, ask } = meeting;
    const all = [...this.#workers].map((worker) => states.get(worker));
    if (!all.every((state) => state?.state === "complete")) return;
    // Where nobody waits there is nobody to release, and the next round would follow at once.
    if (!all.some((state) => state!.waiting > 0)) return;
    if (ask === undefined) {
      meeting.ask = ++this.#asks;
      this.#tell({ type: "confirm", barrier, round, ask: meeting.ask });
    } else if (all.every((state) => state!.ask === ask)) {
      this.#meetings.set(barrier, { barrier, round: round + 1, states: new Map(), ask: undefined });
      this.#tell({ type: "release", barrier, round });
    }
  }
}
