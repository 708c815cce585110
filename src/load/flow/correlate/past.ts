/**
 * Owns what a connection remembers of requests whose fates are known, so that late and further
 * answers are told from strange ones. No request is kept for it, only keys.
 */
import type { JsonValue } from "../../../message/json.js";
import type { Reply } from "./correlator.js";
import { Generation } from "./generation.js";

/** What is known of a key whose request has met its fate. */
type Settled = "answered" | "expired";

/** So many of the keys that were answered last are remembered at least, for as long as they are due. */
const mostAnswered = 1024;

/**
 * Keys of the past. What was given up is known for `timeout` after that, however much it is: it is
 * never more than was in flight before. What was answered is known for `timeout` too; of more than
 * 1024 answers within that time, at least the last 1024.
 */
export class Past {
  readonly #timeout: number;
  /** Answered of late, and before that: forgotten all together, which costs less than one by one. */
  #recent = new Generation();
  #former: Generation | undefined = undefined;
  /** When {@link #former} had its last key. */
  #turned = 0;
  /** When each was given up, the first one first. */
  #expired: Map<JsonValue, number> | undefined = undefined;
  /** When the first of those is due to be forgotten, or an earlier time. */
  #due = Infinity;

  /** @param timeout how long keys are remembered, in ms */
  constructor(timeout: number) {
    this.#timeout = timeout;
  }

  /** What a message is whose key no request waits under. */
  receive(key: JsonValue, now: number): Reply {
    const fate = this.#fateOf(key);
    if (fate === undefined) return "unmatched";
    if (fate === "answered") return "extra";
    this.addAnswered(key, now);
    return "late";
  }

  /** What the last request with the key met; undefined when that is not known. */
  #fateOf(key: JsonValue): Settled | undefined {
    if (this.#expired?.has(key)) return "expired";
    return this.#recent.has(key) || this.#former?.has(key) ? "answered" : undefined;
  }

  /** Whether a request with the key was given up so lately that its answer may still come. */
  isDoubtful(key: JsonValue, now: number): boolean {
    const expired = this.#expired?.get(key);
    return expired !== undefined && now - expired < this.#timeout;
  }

  /** A request with the key had its answer, be it late. */
  addAnswered(key: JsonValue, now: number): void {
    // Of one key, what came last counts.
    if (this.#expired) this.#expired.delete(key);
    if (this.#recent.size >= mostAnswered) this.#turn(now, this.#former ?? new Generation());
    this.#recent.add(key, now);
  }

  /** A request with the key was given up. */
  addExpired(key: JsonValue, now: number): void {
    const expired = (this.#expired ??= new Map());
    // Taken out first, so that it becomes the last.
    expired.delete(key);
    expired.set(key, now);
    if (this.#due === Infinity) this.#due = now + this.#timeout;
  }

  /** Forgets what has been remembered for its time. */
  forget(now: number): void {
    // Whatever was answered before these has been remembered for longer.
    if (now - this.#recent.since >= this.#timeout) this.#turn(now, new Generation());
    if (this.#former && now - this.#turned >= this.#timeout) this.#former = undefined;
    if (now >= this.#due) this.#forgetExpired(now);
  }

  #forgetExpired(now: number): void {
    for (const [key, expired] of this.#expired ?? []) {
      this.#due = expired + this.#timeout;
      if (now < this.#due) return;
      this.#expired!.delete(key);
    }
    this.#due = Infinity;
    this.#expired = undefined;
  }

  #turn(now: number, next: Generation): void {
    next.reset();
    this.#former = this.#recent;
    this.#recent = next;
    this.#turned = now;
  }
}
