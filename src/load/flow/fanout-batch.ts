/**
 * Owns what a worker tells the coordinator of broadcasts, as plain data. Moments are in microseconds
 * of the machine's monotonic clock, as stamps hold them.
 */

/** What one worker saw of one broadcast. */
export interface FanoutDigest {
  /** Global index of who sent it. */
  readonly sender: number;
  readonly sequence: number;
  readonly sent: number;
  /** Whether it was sent by this worker: then it was sent at all. */
  readonly here: boolean;
  /** Whether its sender belongs to the circle it was sent to, and is not to hear it. */
  readonly deaf: boolean;
  /** Recipients, each counted once. */
  readonly reached: number;
  /** Microseconds to the first and the last of them; 0 when there is none. */
  readonly first: number;
  readonly last: number;
  /** Bucket, count, bucket, count … of all of them. */
  readonly counts: readonly number[];
  /** Some of this worker's users who did not get it, by global index. */
  readonly missed: readonly number[];
  /** How many did not get it, by target; none where nobody looked. */
  readonly missedAt: readonly number[];
}

/** Who came into a circle, and who left it. */
export interface CircleMoves {
  readonly circle: string;
  /** Moment, by how many it changed, moment, by how many … in any order. */
  readonly moves: readonly number[];
}

/** What a worker did not follow. */
export interface UnfollowedBatch {
  /**
   * Broadcasts sent here that had no place, as too many were under way: the sending scenario's number,
   * how many, number, how many …
   */
  readonly crowded: readonly number[];
  /** The same of those whose sender's hearers are not known here, for want of room. */
  readonly roomless: readonly number[];
  /**
   * Broadcasts that came and had no place: key, when it was sent, key … A key is the sequence times the
   * run's users, and the sender.
   */
  readonly skipped: readonly number[];
  /** When even of these there were too many: from when to when the further ones were sent. */
  readonly gap: readonly [number, number] | undefined;
  /** Senders whose hearers are not known here, for want of room: sender, since when, sender … */
  readonly strangers: readonly number[];
}

/** Everything since the batch before. */
export interface FanoutBatch {
  /**
   * All broadcasts are told of that were sent a settle time before it or earlier; undefined in the last
   * batch, which tells of all.
   */
  readonly through: number | undefined;
  readonly digests: readonly FanoutDigest[];
  readonly circles: readonly CircleMoves[];
  readonly unfollowed: UnfollowedBatch;
  readonly late: number;
}
