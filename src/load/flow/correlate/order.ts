/** Owns correlation by order: the n-th reply answers the n-th request. */
import type { Correlation, Correlator, Reply } from "./correlator.js";
import { RequestQueue } from "./queue.js";
import type { Request } from "./request.js";

/** Requests past their time become a mere number: all that can still come is a late answer. */
export class ByOrder implements Correlator {
  matched: Request | undefined = undefined;
  readonly #queue = new RequestQueue();
  readonly #pool: Correlation["pool"];
  /** Handed out by the last call, and done with at the next. */
  #lent: Request | undefined = undefined;
  #expired = 0;
  #asked = false;
  #late = false;
  #unmatched = false;

  constructor({ pool }: Correlation) {
    this.#pool = pool;
  }

  get waiting(): number {
    return this.#queue.size;
  }

  get pairingLost(): boolean {
    return this.#unmatched || (this.#late && this.#expired > 0);
  }

  add(request: Request): void {
    this.#asked = true;
    this.#queue.push(request);
  }

  receive(): Reply {
    this.#takeBack();
    if (this.#expired > 0) {
      this.#expired--;
      this.#late = true;
      return "late";
    }
    // A request that is not written yet cannot have been answered.
    if (this.#queue.size === 0 || this.#queue.first!.written === Infinity) {
      if (this.#asked) this.#unmatched = true;
      return "unmatched";
    }
    this.matched = this.#queue.shift();
    this.#lent = this.matched;
    return "answer";
  }

  expire(limit: number): Request | undefined {
    this.#takeBack();
    const { first } = this.#queue;
    if (!first || first.written >= limit) return undefined;
    this.#expired++;
    this.#lent = this.#queue.shift();
    return this.#lent;
  }

  clear(settle: (request: Request) => void): void {
    this.#takeBack();
    for (let request = this.#queue.shift(); request; request = this.#queue.shift()) {
      settle(request);
      this.#pool.give(request);
    }
    this.#expired = 0;
  }

  #takeBack(): void {
    if (this.#lent) this.#pool.give(this.#lent);
    this.#lent = undefined;
    this.matched = undefined;
  }
}
