/** Owns what a worker's ledger knows in the end: of senders, of receivers, and of the worst pairs. */
import {
  amissOf,
  type DeliveryFates,
  type DeliveryPair,
  type DeliveryPart,
  type DeliveryRow,
  worstOf,
} from "../../metrics/delivery.js";
import { addTo, newTally, Roll, type Tally } from "./delivery-roll.js";

/** Pairs with which something is amiss are kept up to so many; then only the worst of them are. */
const mostPairs = 1000;

/** So many pairs are counted once, whatever the number of streams that there were between the two. */
const mostCounted = 250_000;

/** More receivers than a run may have: with it a pair becomes one number. */
const receiversAtMost = 2 ** 24;

/** What became of messages between two. */
interface Pair extends Tally {
  readonly sender: number;
  readonly to: string;
}

/** Sums over all streams. */
export class DeliverySums {
  readonly #senders = new Roll();
  readonly #receivers = new Roll();
  /** What those receivers are called with whom something is amiss. */
  readonly #names = new Map<number, string>();
  #pairs = new Map<number, Pair>();
  readonly #pairsKnown = new Census();
  readonly #pairsAmiss = new Census();

  /**
   * What came of a stream, or of a part of one.
   * @param isLast whether it has nothing to follow
   */
  add(
    sender: number,
    receiver: number,
    nameOf: () => string,
    fates: DeliveryFates,
    isLast: boolean,
  ): void {
    this.#senders.add(sender, fates);
    this.#receivers.add(receiver, fates);
    const key = sender * receiversAtMost + receiver;
    if (isLast) this.#pairsKnown.add(key);
    const known = this.#pairs.get(key);
    if (amissOf(fates) > 0) this.#pairsAmiss.add(key);
    else if (!known) return;
    const to = this.#nameOf(receiver, nameOf);
    if (known) return addTo(known, fates);
    this.#pairs.set(key, { sender, to, ...fates });
    if (this.#pairs.size > mostPairs) this.#prune();
  }

  /** A damaged message came to that receiver. */
  corrupt(receiver: number, nameOf: () => string): void {
    this.#receivers.add(receiver, { ...newTally(), corrupt: 1 });
    this.#nameOf(receiver, nameOf);
  }

  /** @param senderName what a sender is called */
  told(senderName: (sender: number) => string): Omit<DeliveryPart, "by" | "examples"> {
    const row = (who: string, tally: DeliveryFates): DeliveryRow => ({ who, ...tally });
    const receivers = [...this.#receivers.amiss].map(([who, tally]) =>
      row(this.#names.get(who) ?? `user ${who}`, tally),
    );
    const pair = ({ sender, ...rest }: Pair): DeliveryPair => {
      return { from: senderName(sender), ...rest };
    };
    const pairs = [...this.#pairs.values()].map(pair);
    const others = [this.#senders.others, this.#receivers.others];
    return {
      senders: [...this.#senders.all()].map(([who, tally]) => row(senderName(who), tally)),
      receivers: {
        known: this.#receivers.size,
        amiss: this.#receivers.amiss.size,
        worst: worstOf(receivers),
      },
      pairs: {
        known: this.#pairsKnown.count,
        amiss: Math.min(this.#pairsAmiss.count, this.#pairsKnown.count),
        worst: worstOf(pairs),
      },
      others: Math.max(...others.map(({ delivered, lost }) => delivered + lost)),
    };
  }

  /** Kept for those with whom something is amiss, and for no more than are told apart. */
  #nameOf(receiver: number, nameOf: () => string): string {
    const known = this.#names.get(receiver);
    if (known !== undefined) return known;
    const name = nameOf();
    if (this.#receivers.amiss.has(receiver)) this.#names.set(receiver, name);
    return name;
  }

  #prune(): void {
    const worst = new Set(worstOf([...this.#pairs.values()]));
    this.#pairs = new Map([...this.#pairs].filter(([, pair]) => worst.has(pair)));
  }
}

/** Counts each of them once, as long as there are not too many; those beyond as often as they come. */
class Census {
  readonly #seen = new Set<number>();
  #beyond = 0;

  get count(): number {
    return this.#seen.size + this.#beyond;
  }

  add(key: number): void {
    if (this.#seen.size < mostCounted) this.#seen.add(key);
    else if (!this.#seen.has(key)) this.#beyond++;
  }
}
