/**
 * Owns when things happened, as HAR files tell it: `startedDateTime` is a date, the `time` of a message
 * seconds since 1970 (Chrome, mitmproxy), milliseconds (Playwright), or -1 where only the order is known.
 */

/** No seconds since 1970 are that many, and all milliseconds since 1973 are more. */
const leastMilliseconds = 1e11;

/** Dates end here (ECMA-262 §21.4.1.1). */
const lastMillisecond = 8.64e15;

/** Messages that are further from the start are dated by another clock than it is. */
const farAway = 24 * 60 * 60 * 1000;

/** Milliseconds since 1970, or since whenever the file counts from; undefined where only the order is known. */
export function rowTime(time: unknown): number | undefined {
  if (typeof time !== "number" || !Number.isFinite(time) || time < 0) return undefined;
  const ms = time > leastMilliseconds ? time : time * 1000;
  return ms <= lastMillisecond ? ms : undefined;
}

/** Milliseconds since 1970 of an ISO date; undefined when it is none. */
export function startTime(date: unknown): number | undefined {
  const ms = typeof date === "string" ? Date.parse(date) : Number.NaN;
  return Number.isNaN(ms) ? undefined : ms;
}

/** Milliseconds, to the microsecond. */
export function rounded(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}

/** Turns the times of a socket into milliseconds since its start, which never run backwards. */
export class RowClock {
  /** Milliseconds since 1970 of the start; undefined where the file does not say. */
  readonly startedAt: number | undefined;
  /** Whether the messages are dated by a clock of their own, and begin at 0. */
  readonly isOther: boolean;
  /** Messages without a time. */
  untimed = 0;
  /** Messages that are dated before the one ahead of them. */
  backwards = 0;
  /** Milliseconds from the start to the first message, where that is known. */
  readonly first: number | undefined;
  readonly #base: number;
  #last = 0;

  /**
   * @param started {@link startTime} of the socket
   * @param first {@link rowTime} of its first message that has one
   */
  constructor(started: number | undefined, first: number | undefined) {
    this.isOther =
      started !== undefined && first !== undefined && Math.abs(first - started) > farAway;
    const known = [started, this.isOther ? undefined : first].filter((ms) => ms !== undefined);
    this.startedAt = known.length > 0 ? Math.min(...known) : undefined;
    this.#base = (this.isOther ? first : this.startedAt) ?? 0;
    this.first = first === undefined ? undefined : rounded(first - this.#base);
  }

  /** Milliseconds since the start of the last message so far. */
  get last(): number {
    return this.#last;
  }

  /** Milliseconds since the start. */
  at(time: unknown): number {
    const ms = rowTime(time);
    if (ms === undefined) {
      this.untimed++;
      return this.#last;
    }
    const t = rounded(ms - this.#base);
    if (t < this.#last) this.backwards++;
    this.#last = Math.max(this.#last, t);
    return this.#last;
  }
}
