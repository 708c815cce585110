/**
 * Owns the digest of one broadcast: who of a worker's users has got it, and after how long. One that
 * has been told of is used again for another broadcast.
 */
import { fanOutBucket, fanOutBuckets } from "../../metrics/fan-out-buckets.js";
import { mostMissed } from "../../metrics/fan-out.js";
import type { FanoutDigest } from "./fanout-batch.js";
import type { Circle } from "./fanout-circle.js";

/** What a digest takes for so many users, in bytes. */
export function digestBytes(users: number): number {
  return fanOutBuckets * 4 + Math.ceil(users / 32) * 4 + 200;
}

/** Those who did not get it. */
export interface Missed {
  readonly missed: number[];
  readonly missedAt: number[];
}

/** One broadcast, as one worker sees it. Moments and times in microseconds. */
export class Digest {
  sender = 0;
  sequence = 0;
  sent = 0;
  /** Undefined for what this worker has no circle of. */
  circle: Circle | undefined = undefined;
  /** Whether it was sent here. */
  here = false;
  /** Whether its sender is to hear it. */
  self = false;
  reached = 0;
  /** How many were in the circle when it was first heard of. */
  #size = 0;
  #first = 0;
  #last = 0;
  #low = fanOutBuckets;
  #high = -1;
  readonly #counts = new Uint32Array(fanOutBuckets);
  readonly #heard: Uint32Array;

  /** @param users of the worker */
  constructor(users: number) {
    this.#heard = new Uint32Array(Math.ceil(users / 32));
  }

  /** Begins another broadcast. */
  begin(sender: number, sequence: number, sent: number, circle: Circle | undefined): this {
    this.sender = sender;
    this.sequence = sequence;
    this.sent = sent;
    this.circle = circle;
    this.here = false;
    this.self = false;
    this.reached = 0;
    this.#size = circle?.size ?? 0;
    this.#first = 0;
    this.#last = 0;
    if (this.#high >= 0) this.#counts.fill(0, this.#low, this.#high + 1);
    this.#low = fanOutBuckets;
    this.#high = -1;
    this.#heard.fill(0);
    return this;
  }

  /** Whether it is worth looking for who did not get it. */
  get lacks(): boolean {
    return this.reached < Math.max(this.#size, this.circle?.size ?? 0);
  }

  /** Somebody got it, by place in the shard; who got it before is not counted again. */
  take(user: number, took: number): void {
    const word = user >>> 5;
    const bit = 1 << (user & 31);
    const before = this.#heard[word]!;
    if ((before & bit) !== 0) return;
    this.#heard[word] = before | bit;
    const micros = took > 0 ? Math.round(took) : 0;
    if (this.reached === 0 || micros < this.#first) this.#first = micros;
    if (micros > this.#last) this.#last = micros;
    this.reached++;
    const bucket = fanOutBucket(micros);
    this.#counts[bucket]!++;
    if (bucket < this.#low) this.#low = bucket;
    if (bucket > this.#high) this.#high = bucket;
  }

  /** Looks for those of the circle who did not get it, one by one: it takes as long as there are users. */
  missed(users: number, from: number, targets: number): Missed {
    const { circle, sent } = this;
    const missed: number[] = [];
    const missedAt = Array.from({ length: targets }, () => 0);
    for (let user = 0; user < users; user++) {
      if ((this.#heard[user >>> 5]! >>> (user & 31)) & 1) continue;
      if (circle?.holds(user, sent) !== true) continue;
      const index = from + user;
      if (index === this.sender && !this.self) continue;
      if (missed.length < mostMissed) missed.push(index);
      if (targets > 0) missedAt[index % targets]!++;
    }
    return { missed, missedAt };
  }

  /**
   * What there is to tell of it.
   * @param from the first user of the worker
   */
  told({ missed, missedAt }: Missed, from: number): FanoutDigest {
    // Not before now: what came after it may have shown that its sender was, or was not, in the circle.
    const mayBeDeaf = this.here && !this.self;
    const deaf = mayBeDeaf && this.circle?.holds(this.sender - from, this.sent) === true;
    const counts: number[] = [];
    for (let bucket = this.#low; bucket <= this.#high; bucket++) {
      const count = this.#counts[bucket]!;
      if (count > 0) counts.push(bucket, count);
    }
    return {
      sender: this.sender,
      sequence: this.sequence,
      sent: this.sent,
      here: this.here,
      deaf,
      reached: this.reached,
      first: this.#first,
      last: this.#last,
      counts,
      missed,
      missedAt,
    };
  }
}
