/** Owns what is at work at the prompt, one line after the other, and its being stopped. */

/** One thing at work. */
export interface Job {
  readonly signal: AbortSignal;
  /** It is over, or nobody has to wait for it any more. */
  done(): void;
}

/** The jobs of one prompt. */
export class Jobs {
  readonly #stops = new Set<AbortController>();
  /** Lines are done in the order of typing. */
  #turn: Promise<void> = Promise.resolve();

  /** How many are at work, those that were told to stop left out. */
  get size(): number {
    return this.#stops.size;
  }

  begin(): Job {
    const stop = new AbortController();
    this.#stops.add(stop);
    return { signal: stop.signal, done: () => void this.#stops.delete(stop) };
  }

  /** Tells all to stop; false when there is none. */
  stop(): boolean {
    const stops = [...this.#stops];
    // One that is slow to stop keeps nobody from leaving.
    this.#stops.clear();
    for (const stop of stops) stop.abort();
    return stops.length > 0;
  }

  /**
   * Does the work when its turn comes.
   *
   * @param work never rejects
   * @param holds whether the next line waits until it is over, or told to stop
   */
  queue({ signal }: Job, work: () => Promise<void>, holds: boolean): void {
    const before = this.#turn;
    const stopped = new Promise<void>((resolve) => {
      signal.addEventListener("abort", () => resolve(), { once: true });
    });
    this.#turn = before.then(() => {
      const over = work();
      return holds ? Promise.race([over, stopped]) : undefined;
    });
  }
}
