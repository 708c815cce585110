/** Owns one broadcast as all workers together saw it. Times in microseconds, as workers tell them. */
import type { FanoutDigest } from "../load/flow/fanout-batch.js";
import { fanOutMiddle } from "../metrics/fan-out-buckets.js";
import { mostMissed } from "../metrics/fan-out.js";

/** One broadcast. */
export class Broadcast {
  readonly sender: number;
  readonly sequence: number;
  readonly sent: number;
  /** Whether the worker that sent it has told of it. */
  isSent = false;
  /** Whether some worker did not follow it. */
  isSkipped = false;
  /** How many belong to its circle and are not to hear it: its sender, or nobody. */
  deaf = 0;
  reached = 0;
  first = Infinity;
  last = 0;
  /** Those of the lowest indices, of those who are known. */
  missed: readonly number[] = [];
  missedAt: number[] = [];
  readonly #counts = new Map<number, number>();

  constructor(sender: number, sequence: number, sent: number) {
    this.sender = sender;
    this.sequence = sequence;
    this.sent = sent;
  }

  /** Adds what one worker saw. */
  add(digest: FanoutDigest): void {
    const { here, deaf, reached, first, last, counts, missed, missedAt } = digest;
    if (here) this.isSent = true;
    if (deaf) this.deaf++;
    if (missed.length > 0) {
      const all = [...this.missed, ...missed].toSorted((a, b) => a - b);
      this.missed = all.slice(0, mostMissed);
    }
    if (missedAt.length > 0) {
      this.missedAt = missedAt.map((count, target) => count + (this.missedAt[target] ?? 0));
    }
    if (reached === 0) return;
    this.reached += reached;
    this.first = Math.min(this.first, first);
    this.last = Math.max(this.last, last);
    for (let i = 0; i + 1 < counts.length; i += 2) {
      const bucket = counts[i]!;
      this.#counts.set(bucket, (this.#counts.get(bucket) ?? 0) + counts[i + 1]!);
    }
  }

  /** The time within which half of its recipients had it, to a thirty-second. */
  get median(): number {
    const half = Math.ceil(this.reached / 2);
    let sum = 0;
    for (const [bucket, count] of [...this.#counts].toSorted(([a], [b]) => a - b)) {
      sum += count;
      if (sum < half) continue;
      return Math.min(this.last, Math.max(this.first, fanOutMiddle(bucket)));
    }
    return this.last;
  }
}
