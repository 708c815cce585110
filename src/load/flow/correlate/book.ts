/** Owns the register of keys of any kind: texts, numbers in any order, the same one twice. */
import type { JsonValue } from "../../../message/json.js";
import type { Reply } from "./correlator.js";
import type { Past } from "./past.js";
import { RequestQueue } from "./queue.js";
import type { Register } from "./register.js";
import type { Request, RequestPool } from "./request.js";

/** Keys in maps. */
export class Book implements Register {
  waiting = 0;
  matched: Request | undefined = undefined;
  readonly past: Past;
  readonly #pool: RequestPool;
  readonly #waiting = new Map<JsonValue, Request>();
  /** In order of their sending; only the first is sure to wait, after {@link #tidy}. */
  readonly #sent = new RequestQueue();

  constructor(pool: RequestPool, past: Past) {
    this.#pool = pool;
    this.past = past;
  }

  add(request: Request): boolean {
    const { key } = request;
    const before = this.#waiting.get(key);
    if (before) {
      // The same key twice: the first reply is for the older one.
      (before.lastTwin ?? before).twin = request;
      before.lastTwin = request;
    } else {
      request.isDoubtful = this.past.isDoubtful(key, request.intended);
      this.#waiting.set(key, request);
    }
    this.#sent.push(request);
    this.waiting++;
    return true;
  }

  receive(key: JsonValue, now: number): Reply {
    this.#tidy();
    const request = this.#waiting.get(key);
    if (request) {
      if (request.written === Infinity) return "unmatched";
      this.#settle(request, "answered", now);
      this.matched = request;
      return "answer";
    }
    return this.past.receive(key, now);
  }

  expire(limit: number, now: number): Request | undefined {
    this.#tidy();
    this.past.forget(now);
    const { first } = this.#sent;
    if (!first || first.written >= limit) return undefined;
    this.#settle(first, "expired", now);
    return first;
  }

  clear(take: (request: Request) => void): void {
    for (let request = this.#sent.shift(); request; request = this.#sent.shift()) {
      if (request.isWaiting) take(request);
      else this.#pool.give(request);
    }
    this.#waiting.clear();
    this.waiting = 0;
    this.matched = undefined;
  }

  /** Takes over the requests that wait in another register, and empties it. */
  takeOver(other: Register): void {
    other.clear((request) => this.add(request));
  }

  #settle(request: Request, settled: "answered" | "expired", now: number): void {
    const { key, twin, lastTwin } = request;
    this.waiting--;
    request.isWaiting = false;
    if (settled === "answered") this.past.addAnswered(key, now);
    else this.past.addExpired(key, now);
    // Of several with one key, the next that waits is known by it from now on.
    if (!twin) {
      this.#waiting.delete(key);
      return;
    }
    this.#waiting.set(key, twin);
    twin.isDoubtful = settled === "expired" || request.isDoubtful;
    if (lastTwin !== twin) twin.lastTwin = lastTwin;
    request.twin = undefined;
  }

  /** Gives back those at the head of the queue that do not wait any more. */
  #tidy(): void {
    this.matched = undefined;
    for (let { first } = this.#sent; first && !first.isWaiting; { first } = this.#sent) {
      this.#sent.shift();
      this.#pool.give(first);
    }
  }
}
