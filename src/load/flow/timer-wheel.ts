/**
 * Owns time for all users of a worker: one wheel of slots, a millisecond each, in which every user
 * has at most one place. Setting, moving and clearing cost the same however many users there are.
 *
 * What lies further ahead than one turn of the wheel stays in its slot and is passed over, once a
 * turn, until its time has come.
 */

const slotCount = 16_384;
const none = -1;
const firstCapacity = 64;
/** So many slots are looked at for what is due next, … */
const lookahead = 64;
/** … and so many of a slot's list: the slot itself says it to the millisecond. */
const mostLookedAt = 32;

/** Wakes small whole numbers at given times (ms of one clock). */
export class TimerWheel {
  /** First of each slot's list, or none. */
  readonly #first = new Int32Array(slotCount).fill(none);
  /** By number: neighbours in the list, the slot it lies in (or none), its time. */
  #next = new Int32Array(firstCapacity);
  #previous = new Int32Array(firstCapacity);
  #slot = new Int32Array(firstCapacity).fill(none);
  #at = new Float64Array(firstCapacity);
  /** The millisecond up to which everything due has been taken; its slot is looked at again. */
  #tick: number;

  /** What {@link soonest} last said, or what was set since if that is earlier. */
  #soonest = Infinity;
  /** Told of what is set for earlier than that. */
  readonly #hasten: (at: number) => void;

  /**
   * @param now where its time begins
   * @param hasten told when something is set for earlier than {@link soonest} said
   */
  constructor(now: number, hasten: (at: number) => void = () => {}) {
    this.#tick = Math.floor(now);
    this.#hasten = hasten;
  }

  /** Wakes `id` at that time and no other; Infinity: never. */
  set(id: number, at: number): void {
    if (id >= this.#slot.length) this.#grow(id + 1);
    if (this.#slot[id] !== none) {
      if (this.#at[id] === at) return;
      this.#unlink(id);
    }
    if (at === Infinity) return;
    this.#at[id] = at;
    // What is due already lies where the next look begins.
    const slot = Math.max(Math.floor(at), this.#tick) % slotCount;
    const second = this.#first[slot]!;
    this.#first[slot] = id;
    this.#slot[id] = slot;
    this.#previous[id] = none;
    this.#next[id] = second;
    if (second !== none) this.#previous[second] = id;
    if (at >= this.#soonest) return;
    this.#soonest = at;
    this.#hasten(at);
  }

  /**
   * When to look again: the next time anything is due, or up to a millisecond before; 64 ms ahead at
   * most. Asked for at the end of every look; until then nothing that is set hastens it.
   */
  soonest(): number {
    this.#soonest = this.#lookAhead();
    return this.#soonest;
  }

  /** Takes everything due by `now` off the wheel and appends it to `due`, in no order. */
  advance(now: number, due: number[]): void {
    this.#soonest = -Infinity;
    const until = Math.floor(now);
    const from = Math.max(this.#tick, until - slotCount + 1);
    for (let tick = from; tick <= until; tick++) {
      let id = this.#first[tick % slotCount]!;
      while (id !== none) {
        const next = this.#next[id]!;
        if (this.#at[id]! <= now) {
          this.#unlink(id);
          due.push(id);
        }
        id = next;
      }
    }
    if (until > this.#tick) this.#tick = until;
  }

  #lookAhead(): number {
    for (let tick = this.#tick; tick < this.#tick + lookahead; tick++) {
      let soonest = Infinity;
      let left = mostLookedAt;
      for (let id = this.#first[tick % slotCount]!; id !== none; id = this.#next[id]!) {
        if (left-- === 0) return Math.min(soonest, tick);
        soonest = Math.min(soonest, this.#at[id]!);
      }
      // What is due in a later turn of the wheel lies here as well.
      if (soonest < tick + 1) return soonest;
    }
    return this.#tick + lookahead;
  }

  #unlink(id: number): void {
    const next = this.#next[id]!;
    const previous = this.#previous[id]!;
    if (previous === none) this.#first[this.#slot[id]!] = next;
    else this.#next[previous] = next;
    if (next !== none) this.#previous[next] = previous;
    this.#slot[id] = none;
  }

  #grow(least: number): void {
    const size = Math.max(least, 2 * this.#slot.length);
    const slots = new Int32Array(size).fill(none);
    slots.set(this.#slot);
    this.#slot = slots;
    this.#next = copyOf(this.#next, new Int32Array(size));
    this.#previous = copyOf(this.#previous, new Int32Array(size));
    this.#at = copyOf(this.#at, new Float64Array(size));
  }
}

function copyOf<T extends Int32Array | Float64Array>(from: T, into: T): T {
  into.set(from);
  return into;
}
