/**
 * Owns a worker's record of lost connections: each loss, what became of it, and how many connections
 * were open when. Nothing of it is touched by messages.
 */
import {
  encodeLosses,
  fates,
  grain,
  newLoss,
  type LossRecord,
  type RecoveryPart,
} from "../../metrics/recovery-part.js";
import { RecoveryNames } from "./recovery-names.js";

/** Losses that a worker follows at most: some 15 MB, and as much on their way to the coordinator. */
const mostLosses = 100_000;

/** The record of one worker. Moments are on `performance.now`'s clock. */
export class RecoveryLog {
  /** Names of nodes. */
  readonly nodes = new RecoveryNames();
  /** When traffic ended; what would have come after that is not counted. */
  endedAt = Infinity;
  /** Of users whose lives are over; of those who gave up, up to the loss. */
  userTime = 0;
  awayTime = 0;
  readonly #clock: { readonly startedAt: number };
  readonly #ends = new RecoveryNames();
  readonly #losses: LossRecord[] = [];
  readonly #dials = new Map<number, number>();
  readonly #open = new Map<number, number>();
  #unfollowed = 0;

  /** @param clock knows when traffic started */
  constructor(clock: { readonly startedAt: number }) {
    this.#clock = clock;
  }

  /**
   * A connection is lost; undefined when there are too many to follow.
   * @param end how, in a few words
   */
  lost(at: number, cause: number, end: string, node: number): LossRecord | undefined {
    if (this.#losses.length >= mostLosses) {
      this.#unfollowed++;
      this.changed(-1, at);
      return undefined;
    }
    const loss = newLoss(at, cause, this.#ends.of(end), node);
    this.#losses.push(loss);
    return loss;
  }

  /** A connection was opened or is gone, and it is no loss that is followed, nor what makes it good. */
  changed(by: 1 | -1, now: number): void {
    // That everybody is let go in the end, be it by Ctrl-C, is no part of the curve.
    if (now >= this.endedAt) return;
    add(this.#open, this.#tenth(now), by);
  }

  /** A dial in place of a lost connection. */
  dialled(now: number): void {
    add(this.#dials, this.#tenth(now), 1);
  }

  /**
   * What is to be told; undefined when nobody ever had a connection.
   * @param hasLedger whether a ledger would have told of messages missed
   */
  part(hasLedger: boolean): RecoveryPart | undefined {
    if (this.#open.size === 0) return undefined;
    const { startedAt } = this.#clock;
    let [userTime, awayTime] = [this.userTime, this.awayTime];
    const losses = this.#losses.map((loss) => {
      const over = Number.isNaN(loss.over) ? this.endedAt : loss.over;
      const until = Math.max(
        loss.at,
        Math.min(Number.isNaN(loss.until) ? over : loss.until, this.endedAt),
      );
      if (loss.fate === fates.gaveUp) {
        userTime += until - loss.at;
        awayTime += until - loss.at;
      }
      return {
        ...loss,
        at: loss.at - startedAt,
        over: over - startedAt,
        until: until - startedAt,
        first: loss.first - startedAt,
      };
    });
    return {
      losses: encodeLosses(losses),
      nodes: this.nodes.list,
      ends: this.#ends.list,
      unfollowed: this.#unfollowed,
      dials: [...this.#dials].flat(),
      open: [...this.#open].flat(),
      userTime,
      awayTime,
      hasLedger,
    };
  }

  #tenth(now: number): number {
    return Math.floor((now - this.#clock.startedAt) / grain);
  }
}

function add(counts: Map<number, number>, key: number, by: number): void {
  counts.set(key, (counts.get(key) ?? 0) + by);
}
