/**
 * Owns the beat of a worker: who calls `tick` often enough that messages leave on time. Each kind
 * trades lateness against CPU; the report names the one that was used.
 */

/** Calls a function again and again until stopped. */
export interface Pacer {
  readonly name: string;
  start(tick: () => void): void;
  stop(): void;
}

/** A timer of 1 ms: lag of a millisecond, next to no CPU of its own. */
class TimerPacer implements Pacer {
  readonly name = "timer";
  #timer: NodeJS.Timeout | undefined;

  start(tick: () => void): void {
    this.#timer = setInterval(tick, 1);
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}

/** The pacer of the name. */
export function newPacer(): Pacer {
  return new TimerPacer();
}
