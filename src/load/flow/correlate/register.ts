/** Owns what a register is: where the requests of one connection are found by their keys. */
import type { JsonValue } from "../../../message/json.js";
import type { Reply } from "./correlator.js";
import type { Request } from "./request.js";

/** What is known of a key whose request has met its fate. */
export type Settled = "answered" | "expired";

/** Keys that are remembered at most after their requests have met their fates; a power of two. */
export const mostSettled = 1024;

/**
 * Requests that wait, and, for a while, the keys of those that do not any more. A request handed out
 * is good until the next call of `receive`, `expire` or `clear`.
 */
export interface Register {
  /** Requests unanswered and not given up. */
  readonly waiting: number;
  /** The request of the last `answer`. */
  readonly matched: Request | undefined;
  /** Takes note of a request; false when it cannot hold its key. */
  add(request: Request): boolean;
  /** Says what a message with that key is. */
  receive(key: JsonValue, now: number): Reply;
  /** Gives up on the oldest request written before `limit`; undefined when there is none. */
  expire(limit: number, now: number): Request | undefined;
  /** Forgets everything; the requests that wait are handed to `take` first, the oldest first. */
  clear(take: (request: Request) => void): void;
  /** What is known of keys whose requests have met their fates. */
  settled(): Iterable<readonly [JsonValue, Settled]>;
}
