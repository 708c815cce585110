/** Owns the Request: one message sent that a reply is due to, until its fate is known. */
import type { JsonValue } from "../../../message/json.js";
import type { Expectation } from "../expectation.js";

/** Made anew for few: {@link RequestPool} hands them out again. */
export class Request {
  /** When it was to leave, on `performance.now`'s clock. */
  intended = 0;
  /** When it was written; Infinity before that. */
  written = Infinity;
  /** What its reply is known by. */
  key: JsonValue = 0;
  /** The how manieth message of its connection it is, from 1. */
  number = 0;
  /** During which visit of its user to which step it was sent. */
  visit = 0;
  /** What its reply is held against when nothing waits for it. */
  check: Expectation | undefined = undefined;
  /** Whether its fate is still open. */
  isWaiting = true;
  /** The next one with the same key, and, where it is the first of them, the last. */
  twin: Request | undefined = undefined;
  lastTwin: Request | undefined = undefined;
  /** Whether one before it with the same key had no answer in time: that one's may still come. */
  isDoubtful = false;
}

const most = 10_000;

/** Requests whose fate is known, for use again. */
export class RequestPool {
  readonly #free: Request[] = [];

  take(intended: number, key: JsonValue, visit: number, check: Expectation | undefined): Request {
    const request = this.#free.pop() ?? new Request();
    request.intended = intended;
    request.written = Infinity;
    request.key = key;
    request.visit = visit;
    request.check = check;
    request.isWaiting = true;
    request.twin = undefined;
    request.lastTwin = undefined;
    request.isDoubtful = false;
    return request;
  }

  /** Nobody may hold it any longer. */
  give(request: Request): void {
    request.check = undefined;
    request.twin = undefined;
    request.lastTwin = undefined;
    if (this.#free.length < most) this.#free.push(request);
  }
}
