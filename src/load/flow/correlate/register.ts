/** Owns what a register is: where the requests of one connection are found by their keys. */
import type { JsonValue } from "../../../message/json.js";
import type { Reply } from "./correlator.js";
import type { Past } from "./past.js";
import type { Request } from "./request.js";

/** Requests that wait. One handed out is good until the next call of `receive`, `expire` or `clear`. */
export interface Register {
  /** Where requests go that have met their fates. */
  readonly past: Past;
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
  /** Forgets those that wait; they are handed to `take` first, the oldest first. */
  clear(take: (request: Request) => void): void;
}
