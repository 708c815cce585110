/**
 * Owns what a worker could not follow of the broadcasts, and why. It is told broadcast by broadcast and
 * sender by sender, so that nothing else is doubted because of it.
 */
import type { UnfollowedBatch } from "./fanout-batch.js";

/** What one worker did not follow. Moments in microseconds. */
export class Unfollowed {
  readonly #most: number;
  /** Broadcasts sent here, by the sending scenario's number. */
  #crowded = new Map<number, number>();
  #roomless = new Map<number, number>();
  /** By key: when it was sent. */
  readonly #skipped = new Map<number, number>();
  #gap: [number, number] | undefined;
  /** By sender: since when. */
  readonly #strangers = new Map<number, number>();
  #newStrangers: number[] = [];

  /** @param most broadcasts that are known one by one; of further ones only when they were sent */
  constructor(most: number) {
    this.#most = most;
  }

  /** One that is sent here has no place: too many are under way. */
  crowdedOut(scenario: number): void {
    this.#crowded.set(scenario, (this.#crowded.get(scenario) ?? 0) + 1);
  }

  /** One that is sent here is of a sender whose hearers are not known here. */
  withoutRoom(scenario: number): void {
    this.#roomless.set(scenario, (this.#roomless.get(scenario) ?? 0) + 1);
  }

  /** One that came has no place. */
  skip(key: number, sent: number): void {
    if (this.#skipped.has(key)) return;
    if (this.#skipped.size < this.#most) {
      this.#skipped.set(key, sent);
      return;
    }
    const [from, to] = this.#gap ?? [sent, sent];
    this.#gap = [Math.min(from, sent), Math.max(to, sent)];
  }

  /** Whether that one had no place when it came first: the rest of it would be a part only. */
  hasSkipped(key: number): boolean {
    return this.#skipped.size > 0 && this.#skipped.has(key);
  }

  /** Who hears that sender is not known here, for want of room, from that broadcast of it on. */
  estrange(sender: number, sent: number): void {
    const since = this.#strangers.get(sender);
    if (since !== undefined && since <= sent) return;
    this.#strangers.set(sender, sent);
    this.#newStrangers.push(sender, sent);
  }

  /** Whether that is so. */
  isStranger(sender: number): boolean {
    return this.#strangers.size > 0 && this.#strangers.has(sender);
  }

  /** What is new since the last call; of single broadcasts, those that were sent then or earlier. */
  take(through: number): UnfollowedBatch {
    const skipped: number[] = [];
    for (const [key, sent] of this.#skipped) {
      if (sent > through) continue;
      skipped.push(key, sent);
      this.#skipped.delete(key);
    }
    const batch: UnfollowedBatch = {
      crowded: [...this.#crowded].flat(),
      roomless: [...this.#roomless].flat(),
      skipped,
      gap: this.#gap,
      strangers: this.#newStrangers,
    };
    if (this.#crowded.size > 0) this.#crowded = new Map();
    if (this.#roomless.size > 0) this.#roomless = new Map();
    this.#gap = undefined;
    if (this.#newStrangers.length > 0) this.#newStrangers = [];
    return batch;
  }
}
