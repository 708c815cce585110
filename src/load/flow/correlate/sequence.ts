/**
 * Owns the register of keys that are numbers going up, as `$seq` and stamps give them: a ring,
 * which costs a message neither a hash nor an object.
 */
import type { JsonValue } from "../../../message/json.js";
import type { Reply } from "./correlator.js";
import type { Past } from "./past.js";
import type { Register } from "./register.js";
import type { Request, RequestPool } from "./request.js";

/** Larger steps from one key to the next are none of a sequence. */
const widestGap = 64;
const firstCapacity = 16;
/** Further apart than this, the oldest that waits and the newest are for a map. */
const mostCapacity = 65_536;

/** Whole numbers not below zero, each larger than the one before. */
export class Sequence implements Register {
  waiting = 0;
  matched: Request | undefined = undefined;
  readonly past: Past;
  readonly #pool: RequestPool;
  /** By the lowest bits of their keys. */
  #requests: (Request | undefined)[] = [];
  /** The oldest key that may wait, and the newest. */
  #oldest = 0;
  #last = -1;
  /** Handed out by the last call. */
  #lent: Request | undefined = undefined;

  constructor(pool: RequestPool, past: Past) {
    this.#pool = pool;
    this.past = past;
  }

  add(request: Request): boolean {
    const { key } = request;
    if (typeof key !== "number" || !Number.isSafeInteger(key) || key < 0) return false;
    if (this.#last < 0) this.#oldest = key;
    else if (key <= this.#last || key - this.#last > widestGap) return false;
    if (!this.#put(request, key)) return false;
    this.#last = key;
    this.waiting++;
    return true;
  }

  receive(key: JsonValue, now: number): Reply {
    this.#takeBack();
    if (typeof key !== "number" || !Number.isSafeInteger(key)) return "unmatched";
    const request = this.#at(key);
    if (request) {
      if (request.written === Infinity) return "unmatched";
      this.#remove(key);
      this.past.addAnswered(key, now);
      this.#lent = request;
      this.matched = request;
      return "answer";
    }
    return this.past.receive(key, now);
  }

  expire(limit: number, now: number): Request | undefined {
    this.#takeBack();
    this.past.forget(now);
    if (this.waiting === 0) {
      this.#oldest = this.#last + 1;
      return undefined;
    }
    let request = this.#at(this.#oldest);
    while (!request) request = this.#at(++this.#oldest);
    if (request.written >= limit) return undefined;
    this.#remove(this.#oldest);
    this.past.addExpired(this.#oldest, now);
    this.#lent = request;
    return request;
  }

  clear(take: (request: Request) => void): void {
    // Whoever has the one handed out last may look at it yet, so it is not given back.
    this.#lent = undefined;
    this.matched = undefined;
    for (let key = this.#oldest; this.waiting > 0; key++) {
      const request = this.#at(key);
      if (!request) continue;
      this.#remove(key);
      take(request);
    }
    this.#requests = [];
    this.#last = -1;
  }

  #at(key: number): Request | undefined {
    const requests = this.#requests;
    const request = requests[key & (requests.length - 1)];
    return request?.key === key ? request : undefined;
  }

  #remove(key: number): void {
    this.#requests[key & (this.#requests.length - 1)] = undefined;
    this.waiting--;
  }

  /** Puts a request into its place; where another one waits there, the ring has to grow. */
  #put(request: Request, key: number): boolean {
    while (this.#requests.length === 0 || this.#requests[key & (this.#requests.length - 1)]) {
      if (!this.#grow()) return false;
    }
    this.#requests[key & (this.#requests.length - 1)] = request;
    return true;
  }

  #grow(): boolean {
    const old = this.#requests;
    if (old.length >= mostCapacity) return false;
    const length = Math.max(firstCapacity, 2 * old.length);
    // Filled, so that the engine makes a plain array without holes of it.
    const grown: (Request | undefined)[] = Array.from({ length }, () => undefined);
    for (const request of old) {
      // Two of them had different places in half the ring.
      if (request) grown[(request.key as number) & (length - 1)] = request;
    }
    this.#requests = grown;
    return true;
  }

  #takeBack(): void {
    if (this.#lent) this.#pool.give(this.#lent);
    this.#lent = undefined;
    this.matched = undefined;
  }
}
