/** Owns the register of keys of any kind: texts, numbers in any order, the same one twice. */
import type { JsonValue } from "../../../message/json.js";
import type { Correlation, Reply } from "./correlator.js";
import { Generation } from "./generation.js";
import { RequestQueue } from "./queue.js";
import { mostSettled, type Register, type Settled } from "./register.js";
import type { Request } from "./request.js";

/** Keys in maps. */
export class Book implements Register {
  waiting = 0;
  matched: Request | undefined = undefined;
  readonly #correlation: Correlation;
  readonly #waiting = new Map<JsonValue, Request>();
  /** In order of their sending; only the first is sure to wait, after {@link #tidy}. */
  readonly #sent = new RequestQueue();
  /** Keys whose requests have met their fates: of late, and before that. */
  #recent = new Generation();
  #former = new Generation();

  constructor(correlation: Correlation) {
    this.#correlation = correlation;
  }

  add(request: Request): boolean {
    const { key } = request;
    const before = this.#waiting.get(key);
    if (before) {
      // The same key twice: the first reply is for the older one.
      (before.lastTwin ?? before).twin = request;
      before.lastTwin = request;
    } else {
      request.isDoubtful = this.#isExpired(key);
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
    const fate = this.#fateOf(key);
    if (fate === undefined) return "unmatched";
    if (fate === "answered") return "extra";
    this.#remember(key, "answered", now);
    return "late";
  }

  expire(limit: number, now: number): Request | undefined {
    this.#tidy();
    const { timeout } = this.#correlation;
    if (now - this.#recent.since >= timeout) this.#turn();
    // By then the last of them has been remembered for the time it is due.
    if (now - this.#former.since >= 2 * timeout) this.#former.clear();
    const { first } = this.#sent;
    if (!first || first.written >= limit) return undefined;
    this.#settle(first, "expired", now);
    return first;
  }

  clear(take: (request: Request) => void): void {
    const { pool } = this.#correlation;
    for (let request = this.#sent.shift(); request; request = this.#sent.shift()) {
      if (request.isWaiting) take(request);
      else pool.give(request);
    }
    this.#waiting.clear();
    this.#recent.clear();
    this.#former.clear();
    this.waiting = 0;
    this.matched = undefined;
  }

  *settled(): Iterable<readonly [JsonValue, Settled]> {
    yield* this.#former.all();
    yield* this.#recent.all();
  }

  /** Takes over what another register knows, and empties it. */
  takeOver(other: Register, now: number): void {
    for (const [key, settled] of other.settled()) this.#remember(key, settled, now);
    other.clear((request) => this.add(request));
  }

  #settle(request: Request, settled: Settled, now: number): void {
    const { key, twin, lastTwin } = request;
    this.waiting--;
    request.isWaiting = false;
    this.#remember(key, settled, now);
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

  #isExpired(key: JsonValue): boolean {
    // Most keys are new, and where nothing was given up none has to be looked for.
    const isAny = this.#recent.hasExpired || this.#former.hasExpired;
    return isAny && this.#fateOf(key) === "expired";
  }

  #fateOf(key: JsonValue): Settled | undefined {
    return this.#recent.fateOf(key) ?? this.#former.fateOf(key);
  }

  #remember(key: JsonValue, settled: Settled, now: number): void {
    if (this.#recent.size >= mostSettled / 2) this.#turn();
    this.#recent.add(key, settled, now);
  }

  #turn(): void {
    const former = this.#former;
    former.clear();
    this.#former = this.#recent;
    this.#recent = former;
  }

  /** Gives back those at the head of the queue that do not wait any more. */
  #tidy(): void {
    this.matched = undefined;
    for (let { first } = this.#sent; first && !first.isWaiting; { first } = this.#sent) {
      this.#sent.shift();
      this.#correlation.pool.give(first);
    }
  }
}
