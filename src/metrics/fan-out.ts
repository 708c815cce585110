/**
 * Owns what a run's fan-out came to, as a part of the RunResult: how much of its audience each
 * broadcast reached, how long its last recipient had to wait, and which broadcasts were the worst.
 */

/** Some broadcasts together. */
export interface FanOutSum {
  readonly broadcasts: number;
  /** Those that everyone heard who was to. */
  readonly complete: number;
  /** Recipients there should have been, over all of them. */
  readonly expected: number;
  /** Recipients there were. */
  readonly reached: number;
}

/** The broadcasts of one scenario. */
interface FanOutAudience extends FanOutSum {
  readonly scenario: string;
  /** As the scenario says: `all`, `scenario:NAME`, `presence` or `observed`. */
  readonly audience: string;
}

/** The broadcasts of one stretch of time. */
export interface FanOutStretch extends FanOutSum {
  /** When it begins, in ms after the start of traffic. */
  readonly at: number;
  /** The longest time to a last recipient, in ms; 0 when nobody was reached. */
  readonly last: number;
}

/** One broadcast. Times are in ms after its sending. */
export interface FanOutExample {
  readonly scenario: string;
  /** Global index of the user who sent it. */
  readonly sender: number;
  readonly sequence: number;
  /** In ms after the start of traffic. */
  readonly at: number;
  readonly expected: number;
  readonly reached: number;
  /** Undefined when it reached nobody. */
  readonly first: number | undefined;
  readonly median: number | undefined;
  readonly last: number | undefined;
  /** Some of those who did not get it, by global index; they were not looked for in every case. */
  readonly missed: readonly number[];
  /**
   * Of those who did not get it, how many were connected to which of the run's targets; none where
   * they were not looked for, and of a run with one target.
   */
  readonly missedAt: readonly number[];
}

/** What came of a run's broadcasts. */
export interface FanOut extends FanOutSum {
  /** Milliseconds after which a broadcast was settled: who had not got it by then did not get it. */
  readonly settle: number;
  /** Broadcasts that reached nobody, though somebody was to hear them. */
  readonly unheard: number;
  /** Broadcasts sent while nobody was there to hear them; they count in no other figure. */
  readonly withoutAudience: number;
  /** Broadcasts that were not followed, as too many were under way at once, or for want of room. */
  readonly unfollowed: number;
  /** Those of them whose audience nobody knew: there was no room for further senders' circles. */
  readonly withoutCircle: number;
  /** Messages of broadcasts that came to their recipients after those were settled. */
  readonly late: number;
  /** By sending scenario, in the order of the plan. */
  readonly audiences: readonly FanOutAudience[];
  /** Those of the smallest coverage. */
  readonly worst: readonly FanOutExample[];
  /** Those whose last recipient waited longest. */
  readonly slowest: readonly FanOutExample[];
  /** Milliseconds that each entry of {@link course} stands for. */
  readonly stretch: number;
  /** Over time, by when they were sent; stretches without a broadcast are left out. */
  readonly course: readonly FanOutStretch[];
}

/** So many stretches a course has at most. */
export const mostStretches = 240;

/** So many examples of each kind are kept. */
export const mostFanOutExamples = 10;

/** So many of those who missed a broadcast are named. */
export const mostMissed = 10;

/** Of runs with more targets than that, it is not told at which the audience was missed. */
export const mostMissedTargets = 64;
