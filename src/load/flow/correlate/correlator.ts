/** Owns what a correlator is: how one connection's replies find their requests. */
import type { JsonValue } from "../../../message/json.js";
import type { Incoming } from "../incoming.js";
import type { Request, RequestPool } from "./request.js";

/** What a message that came is to the requests. */
export type Reply =
  /** The first answer to a request: look at {@link Correlator.matched}. */
  | "answer"
  /** Of a request that had been given up. */
  | "late"
  /** A further answer to a request that has one. */
  | "extra"
  /** Answers nothing that was asked. */
  | "unmatched"
  /** Nothing is said about replies, or this message is none. */
  | "none";

/** Pairs the replies of one connection with its requests. */
export interface Correlator {
  /** Requests unanswered and not given up. */
  readonly waiting: number;
  /** The request of the last `answer`, until the next call. */
  readonly matched: Request | undefined;
  /** Whether replies can no longer be told apart. */
  readonly pairingLost: boolean;
  /** Takes note of a request. */
  add(request: Request): void;
  /** Says what a message is. */
  receive(message: Incoming, now: number): Reply;
  /**
   * Gives up on the oldest request written before `limit`: only a late answer can come. Undefined
   * when there is none.
   */
  expire(limit: number, now: number): Request | undefined;
  /** Forgets everything; the requests that were waiting are handed to `settle`. */
  clear(settle: (request: Request) => void): void;
}

/** What all correlators of a worker share. */
export interface Correlation {
  readonly pool: RequestPool;
  /** Milliseconds for which settled requests are remembered, to know further answers by. */
  readonly timeout: number;
  /** By id: what a reply is known by. */
  readonly idOf: (message: Incoming) => JsonValue | undefined;
}
