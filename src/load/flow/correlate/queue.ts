/** Owns a queue of requests, oldest first: a ring that grows with what it holds. */
import type { Request } from "./request.js";

const firstCapacity = 4;

/** First in, first out; nothing is allocated before the first. */
export class RequestQueue {
  #ring: (Request | undefined)[] | undefined;
  #head = 0;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The oldest one. */
  get first(): Request | undefined {
    return this.#ring?.[this.#head];
  }

  push(request: Request): void {
    const ring = this.#roomFor(this.#size + 1);
    ring[(this.#head + this.#size) % ring.length] = request;
    this.#size++;
  }

  /** Takes the oldest one off. */
  shift(): Request | undefined {
    const ring = this.#ring;
    const request = ring?.[this.#head];
    if (!ring || !request) return undefined;
    ring[this.#head] = undefined;
    this.#head = (this.#head + 1) % ring.length;
    this.#size--;
    return request;
  }

  #roomFor(size: number): (Request | undefined)[] {
    const old = this.#ring;
    if (old && size <= old.length) return old;
    const grown: (Request | undefined)[] = Array.from({
      length: old ? old.length * 2 : firstCapacity,
    });
    if (old) for (let i = 0; i < this.#size; i++) grown[i] = old[(this.#head + i) % old.length];
    this.#head = 0;
    this.#ring = grown;
    return grown;
  }
}
