/** Owns a binary heap of alarms: what one would write instead of a wheel. */

/** Wakes small whole numbers at given times; every number has one alarm, which can be moved. */
export class AlarmHeap {
  #ids;
  #places;
  #at;

  /** All numbers below `size`, with no alarm before `at`. */
  constructor(size, at) {
    this.#ids = Int32Array.from({ length: size }, (_, id) => id);
    this.#places = Int32Array.from({ length: size }, (_, id) => id);
    this.#at = new Float64Array(size).fill(at);
  }

  /** Moves an alarm. */
  set(id, at) {
    const before = this.#at[id];
    this.#at[id] = at;
    if (at < before) this.#up(this.#places[id]);
    else this.#down(this.#places[id]);
  }

  /** The number whose alarm is the next, if it is due. */
  due(now) {
    const id = this.#ids[0];
    return this.#at[id] <= now ? id : -1;
  }

  #up(start) {
    let place = start;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (this.#at[this.#ids[parent]] <= this.#at[this.#ids[place]]) return;
      this.#swap(place, parent);
      place = parent;
    }
  }

  #down(start) {
    const size = this.#ids.length;
    let place = start;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= size) return;
      if (child + 1 < size && this.#at[this.#ids[child + 1]] < this.#at[this.#ids[child]]) child++;
      if (this.#at[this.#ids[place]] <= this.#at[this.#ids[child]]) return;
      this.#swap(place, child);
      place = child;
    }
  }

  #swap(one, other) {
    const id = this.#ids[one];
    this.#ids[one] = this.#ids[other];
    this.#ids[other] = id;
    this.#places[this.#ids[one]] = one;
    this.#places[this.#ids[other]] = other;
  }
}
