/** Owns when what a server said is due again: as long after what came before it as it was recorded. */

/** How time passes. */
export interface MockPace {
  /** 1 as it was recorded, 2 twice as fast, Infinity at once. */
  readonly speed: number;
  /** Silence is no longer than this, in ms of the recording. */
  readonly idleCap: number | undefined;
}

/** The clock of one client. */
export class MockClock {
  readonly #pace: MockPace;
  /** The moment here that stands for the moment `#t` of the recording. */
  #at: number;
  #t: number;

  /** @param at now, in ms of a monotonic clock; @param t the same moment in the recording */
  constructor(pace: MockPace, at: number, t: number) {
    this.#pace = pace;
    this.#at = at;
    this.#t = t;
  }

  /** What stands at `t` in the recording has happened at `at`. */
  set(at: number, t: number): void {
    this.#at = at;
    this.#t = t;
  }

  /** When that which stands at `t` is due; asked in the order of the recording. */
  due(t: number): number {
    const { speed, idleCap = Infinity } = this.#pace;
    // Written by hand, a recording may go back in time.
    const passed = Math.min(idleCap, Math.max(0, t - this.#t));
    this.#at += speed === Infinity ? 0 : passed / speed;
    this.#t = t;
    return this.#at;
  }
}
