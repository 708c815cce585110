/** Owns a steady beat: how many times something is due, at rates that timers alone cannot keep. */

/** The shortest time between two looks at the clock, in ms. */
const shortest = 5;
/** After a stall, at most so much of it is made up for, in ms; the rest is skipped. */
const longestStall = 1000;

/** How a beat goes. */
export interface BeatOptions {
  /** Per second, above 0. */
  readonly rate: number;
  /** A monotonic clock in ms. */
  readonly now: () => number;
  /** Called with how many beats are due since the last call: 1 or more. */
  readonly due: (count: number) => void;
}

/** Starts a beat, which does not keep the process alive; the result stops it. */
export function startBeat({ rate, now, due }: BeatOptions): () => void {
  const gap = 1000 / rate;
  let next = now() + gap;
  let timer: NodeJS.Timeout;
  const look = (): void => {
    const late = now() - next;
    if (late >= 0) {
      const count = Math.max(1, Math.floor(Math.min(late, longestStall) / gap) + 1);
      next = late > longestStall ? now() + gap : next + count * gap;
      due(count);
    }
    schedule();
  };
  // Looks further away than a timer can hold are split.
  const schedule = (): void => {
    const wait = Math.min(2 ** 30, Math.max(shortest, Math.ceil(next - now())));
    timer = setTimeout(look, wait).unref();
  };
  schedule();
  return () => clearTimeout(timer);
}
