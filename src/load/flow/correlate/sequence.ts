/**
 * Owns the register of keys that are numbers going up, as `$seq` and stamps give them: two rings,
 * which cost a message neither a hash nor an object.
 */
import type { JsonValue } from "../../../message/json.js";
import type { Reply } from "./correlator.js";
import { mostSettled, type Register, type Settled } from "./register.js";
import type { Request, RequestPool } from "./request.js";

/** Larger steps from one key to the next are none of a sequence. */
const widestGap = 64;
const firstCapacity = 16;
/** Further apart than this, the oldest that waits and the newest are for a map. */
const mostCapacity = 65_536;

/** Of a key, the bits that say where it is remembered. */
const mask = mostSettled - 1;

/** What is known of a key, as one byte. */
const [unknown, answered, expired] = [0, 1, 2];

/** Whole numbers not below zero, each larger than the one before. */
export class Sequence implements Register {
  waiting = 0;
  matched: Request | undefined = undefined;
  readonly #pool: RequestPool;
  /** By the lowest bits of their keys. */
  #requests: (Request | undefined)[] = [];
  /** The same of keys of the past; as many as are remembered. */
  #states: Uint8Array | undefined = undefined;
  /** The first key, the oldest that may wait, and the newest. */
  #first = 0;
  #oldest = 0;
  #last = -1;
  /** Handed out by the last call. */
  #lent: Request | undefined = undefined;

  constructor(pool: RequestPool) {
    this.#pool = pool;
  }

  add(request: Request): boolean {
    const { key } = request;
    if (typeof key !== "number" || !Number.isSafeInteger(key) || key < 0) return false;
    const states = (this.#states ??= new Uint8Array(mostSettled));
    if (this.#last < 0) {
      this.#first = key;
      this.#oldest = key;
    } else {
      if (key <= this.#last || key - this.#last > widestGap) return false;
      for (let skipped = this.#last + 1; skipped < key; skipped++) {
        states[skipped & mask] = unknown;
      }
    }
    if (!this.#put(request, key)) return false;
    states[key & mask] = unknown;
    this.#last = key;
    this.waiting++;
    return true;
  }

  receive(key: JsonValue): Reply {
    this.#takeBack();
    if (typeof key !== "number" || !Number.isSafeInteger(key)) return "unmatched";
    const request = this.#at(key);
    if (request) {
      if (request.written === Infinity) return "unmatched";
      this.#remove(key);
      this.#settle(key, answered);
      this.#lent = request;
      this.matched = request;
      return "answer";
    }
    const state = this.#stateOf(key);
    if (state === unknown) return "unmatched";
    if (state === answered) return "extra";
    this.#settle(key, answered);
    return "late";
  }

  expire(limit: number): Request | undefined {
    this.#takeBack();
    if (this.waiting === 0) {
      this.#oldest = this.#last + 1;
      return undefined;
    }
    let request = this.#at(this.#oldest);
    while (!request) request = this.#at(++this.#oldest);
    if (request.written >= limit) return undefined;
    this.#remove(this.#oldest);
    this.#settle(this.#oldest, expired);
    this.#lent = request;
    return request;
  }

  clear(take: (request: Request) => void): void {
    this.#takeBack();
    for (let key = this.#oldest; this.waiting > 0 && key <= this.#last; key++) {
      const request = this.#at(key);
      if (!request) continue;
      this.#remove(key);
      take(request);
    }
    this.#requests = [];
    this.#states = undefined;
    this.#last = -1;
  }

  *settled(): Iterable<readonly [JsonValue, Settled]> {
    const from = Math.max(this.#first, this.#last - mostSettled + 1);
    for (let key = from; key <= this.#last; key++) {
      const state = this.#stateOf(key);
      if (state !== unknown) yield [key, state === answered ? "answered" : "expired"];
    }
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

  #stateOf(key: number): number {
    const isKnown = key >= this.#first && key <= this.#last && key > this.#last - mostSettled;
    return (isKnown && this.#states![key & mask]) || unknown;
  }

  #settle(key: number, state: number): void {
    if (key > this.#last - mostSettled) this.#states![key & mask] = state;
  }

  #takeBack(): void {
    if (this.#lent) this.#pool.give(this.#lent);
    this.#lent = undefined;
    this.matched = undefined;
  }
}
