/** Owns telling senders, or receivers, apart by what became of their messages, within bounds. */
import { amissOf, type DeliveryFates } from "../../metrics/delivery.js";

/** So many with whom nothing is amiss are told apart, and so many others. */
const most = 20_000;

/** Sums that grow. */
export type Tally = { -readonly [Fate in keyof DeliveryFates]: number };

/** Nothing yet. */
export function newTally(): Tally {
  return { delivered: 0, lost: 0, missed: 0, duplicate: 0, reordered: 0, corrupt: 0 };
}

/** Adds one to the other. */
export function addTo(into: Tally, from: DeliveryFates): void {
  into.delivered += from.delivered;
  into.lost += from.lost;
  into.missed += from.missed;
  into.duplicate += from.duplicate;
  into.reordered += from.reordered;
  into.corrupt += from.corrupt;
}

/**
 * Sums by number. Those with whom something is amiss have room of their own: a hundred thousand others
 * before them do not hide them.
 */
export class Roll {
  readonly #clean = new Map<number, Tally>();
  readonly #amiss = new Map<number, Tally>();
  /** Of those for whom there was no room. */
  readonly others = newTally();

  /** Adds to the sums of one. */
  add(who: number, fates: DeliveryFates): void {
    addTo(this.#amiss.get(who) ?? this.#room(who, amissOf(fates) > 0), fates);
  }

  /** How many are told apart. */
  get size(): number {
    return this.#clean.size + this.#amiss.size;
  }

  /** Those with whom something is amiss. */
  get amiss(): ReadonlyMap<number, Tally> {
    return this.#amiss;
  }

  /** All of them. */
  *all(): Iterable<readonly [who: number, tally: Tally]> {
    yield* this.#amiss;
    yield* this.#clean;
  }

  #room(who: number, isNowAmiss: boolean): Tally {
    const known = this.#clean.get(who);
    if (!isNowAmiss) return known ?? this.#enter(this.#clean, who, newTally());
    const tally = this.#enter(this.#amiss, who, known ?? newTally());
    if (tally !== this.others) this.#clean.delete(who);
    return tally === this.others && known ? known : tally;
  }

  #enter(into: Map<number, Tally>, who: number, tally: Tally): Tally {
    if (into.size >= most) return this.others;
    into.set(who, tally);
    return tally;
  }
}
