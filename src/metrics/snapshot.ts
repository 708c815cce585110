/** Owns the Snapshot: what one worker measured in one interval, as plain data that can travel. */

/** Counters and distributions of an interval. */
export interface Figures {
  /** Series key → how much was added. */
  readonly counters: Readonly<Record<string, number>>;
  /** Series key → HDR histogram, V2 compressed, base64. */
  readonly trends: Readonly<Record<string, string>>;
}

/**
 * One interval of one shard. Counters and trends are deltas; gauges are readings. What belongs to a
 * scenario is told there and only there: the whole is the sum of everything.
 */
export interface Snapshot extends Figures {
  /** Which shard measured it, 0-based. */
  readonly shard: number;
  /** 0, 1, 2 … within the shard: a hole means that a snapshot was lost. */
  readonly sequence: number;
  /** Which second of the run it belongs to, counted from the run's epoch. */
  readonly second: number;
  /** How long the interval really was, in ms: a second, but for the last and for a worker in need. */
  readonly span: number;
  /** Index of the load's stage it belongs to; undefined outside of all stages. */
  readonly stage: number | undefined;
  /**
   * Whether it was cut in the warm-up, the times of which are those of no load that is to be judged, or
   * in the traffic after it. Undefined outside of both, and where there is no warm-up.
   */
  readonly phase?: "warm-up" | "traffic" | undefined;
  /** Series key → reading at the end of the interval. */
  readonly gauges: Readonly<Record<string, number>>;
  /** By scenario; none when the plan has no virtual users. Of those who have no profile. */
  readonly scenarios: Readonly<Record<string, Figures>>;
  /** Of users who have a profile: by that, and then by scenario. Told here and only here, too. */
  readonly profiles?: Readonly<Record<string, Readonly<Record<string, Figures>>>>;
}
