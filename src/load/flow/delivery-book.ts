/**
 * Owns the delivery ledger of a worker: every stream of numbered messages from one sender to one
 * receiver, and what is counted of it.
 */
import type { DeliveryPart } from "../../metrics/delivery.js";
import type { Meter } from "../meter.js";
import type { Scope } from "../scope.js";
import { DeliveryExamples } from "./delivery-examples.js";
import { DeliverySums } from "./delivery-sums.js";
import { type Delivery, Stream } from "./delivery.js";

/** Whoever receives numbered messages. */
export interface Receiver {
  readonly index: number;
  readonly scope: Scope;
  readonly context: { lastSeq: number };
  readonly role: { readonly name: string };
  /** Another one with each connection that comes or goes; 1 is the first connection's. */
  readonly epoch: number;
  /** By sender. */
  streams: Map<number, Stream> | undefined;
  /**
   * Messages that it missed while it was without a connection are known to be lost.
   * @param noticed when the gap was seen, on `performance.now`'s clock
   */
  missed?(count: number, noticed: number): void;
}

/** What a ledger is kept of. */
export interface BookFacts {
  readonly by: "stamp" | "sequence";
  /** Streams that are followed at most. */
  readonly mostStreams: number;
  /** What a sender is called. */
  readonly nameOf: (sender: number) => string;
  /** The start of traffic, on `performance.now`'s clock. */
  readonly startedAt: () => number;
}

/** What errors are called. */
const words = {
  stamp: {
    lost: "stamped messages lost",
    duplicate: "stamped message came twice",
    reordered: "stamped message out of order",
    unfollowed: "stamped messages not followed",
  },
  sequence: {
    lost: "numbered messages lost",
    duplicate: "numbered message came twice",
    reordered: "numbered message out of order",
    unfollowed: "numbered messages not followed",
  },
} as const;

/** A message that came, and its stream before it did. */
interface Coming {
  readonly lost: number;
  readonly missed: number;
  /** The receiver's epoch when the highest number came. */
  readonly before: number;
  readonly sequence: number;
  readonly now: number;
}

/** All streams of a worker. */
export class DeliveryBook {
  readonly #facts: BookFacts;
  readonly #meter: Meter;
  readonly #words: (typeof words)[keyof typeof words];
  readonly #sums = new DeliverySums();
  readonly #examples = new DeliveryExamples();
  #streams = 0;
  readonly #told = new Set<string>();

  constructor(facts: BookFacts, meter: Meter) {
    this.#facts = facts;
    this.#meter = meter;
    this.#words = words[facts.by];
  }

  /**
   * The first message of a stream.
   * @param after the number before the first that is not to be missed; undefined: nothing before this
   * one is missed
   * @param since the receiver's epoch from which on none is to be missed: that of its first connection
   */
  begin(
    receiver: Receiver,
    sender: number,
    sequence: number,
    after: number | undefined,
    now: number,
    since = 1,
  ): void {
    const isWhole = after !== undefined && sequence > after;
    const stream = isWhole
      ? this.open(receiver, sender, after, since)
      : this.open(receiver, sender, sequence, receiver.epoch);
    if (!stream) {
      receiver.scope.hot.ws_msg_delivered++;
      receiver.scope.hot.ws_msg_unfollowed++;
    } else if (isWhole) this.take(receiver, sender, stream, sequence, now);
    else {
      stream.came = 1;
      receiver.scope.hot.ws_msg_delivered++;
    }
  }

  /** A new stream; undefined where there are too many to be followed. */
  open(receiver: Receiver, sender: number, first: number, epoch: number): Stream | undefined {
    const { mostStreams } = this.#facts;
    if (this.#streams >= mostStreams) {
      this.unfollowed(`there are ${mostStreams} streams already`);
      return undefined;
    }
    this.#streams++;
    const stream = new Stream(first, epoch);
    (receiver.streams ??= new Map()).set(sender, stream);
    return stream;
  }

  /** A further message of a stream. */
  take(receiver: Receiver, sender: number, stream: Stream, sequence: number, now: number): void {
    const { scope, epoch } = receiver;
    const { lost, missed, epoch: before } = stream;
    const delivery = stream.take(sequence, epoch, now);
    if (delivery !== "duplicate") scope.hot.ws_msg_delivered++;
    if (delivery === "next") this.#tellLost(receiver, sender, stream, lost, missed, sequence);
    else this.#came(delivery, receiver, sender, stream, { lost, missed, before, sequence, now });
  }

  /**
   * A message of a stream came damaged: it is not lost as well.
   * @param sequence undefined: nobody knows which it was
   */
  takeDamaged(
    receiver: Receiver,
    sender: number,
    stream: Stream,
    sequence: number | undefined,
    now: number,
  ): void {
    if (sequence === undefined) return stream.takeNameless();
    const { lost, missed, epoch: before } = stream;
    const delivery = stream.takeDamaged(sequence, receiver.epoch, now);
    this.#came(delivery, receiver, sender, stream, { lost, missed, before, sequence, now });
  }

  /** A damaged message came to that receiver. */
  corrupt(receiver: Receiver, now: number): void {
    this.#sums.corrupt(receiver.index, () => nameOf(receiver));
    this.#examples.note({
      what: "corrupt",
      where: "connected",
      sender: undefined,
      to: nameOf(receiver),
      gap: undefined,
      sequence: undefined,
      at: now,
    });
  }

  /** Nothing more will come on any stream of that receiver. */
  finish(receiver: Receiver, now: number): void {
    for (const [sender, stream] of receiver.streams ?? []) {
      this.close(receiver, sender, stream, now);
    }
  }

  /**
   * Nothing more will come on that stream: what is missing is lost.
   * @param upTo the last number that was sent, where that is known
   * @param isLast whether no other stream of that sender takes its place
   */
  close(
    receiver: Receiver,
    sender: number,
    stream: Stream,
    now: number,
    { upTo, isLast = true }: { readonly upTo?: number | undefined; readonly isLast?: boolean } = {},
  ): void {
    const { lost, missed } = stream;
    stream.finish(receiver.epoch, now, upTo);
    this.#tellLost(receiver, sender, stream, lost, missed, stream.highest);
    this.#streams--;
    receiver.streams?.delete(sender);
    if (receiver.streams?.size === 0) receiver.streams = undefined;
    const { came: delivered, duplicate, reordered } = stream;
    const fates = { delivered, lost: stream.lost, missed: stream.missed, duplicate, reordered };
    const name = (): string => nameOf(receiver);
    this.#sums.add(sender, receiver.index, name, { ...fates, corrupt: 0 }, isLast);
  }

  /** What is known at the end. */
  part(): DeliveryPart {
    const { by, nameOf: senderName, startedAt } = this.#facts;
    const examples = this.#examples.told(senderName, startedAt());
    return { by, examples, ...this.#sums.told(senderName) };
  }

  /** A message is of a stream that nobody can follow. */
  unfollowed(why: string): void {
    this.tell(this.#words.unfollowed, () => why);
  }

  /** Only the first example of a kind is ever built. */
  tell(what: string, example: () => string, count = 1): void {
    this.#meter.error(what, this.#told.has(what) ? "" : example(), count);
    this.#told.add(what);
  }

  /** Counts what is amiss with a message that came, and what is known to be lost by it. */
  #came(
    delivery: Delivery,
    receiver: Receiver,
    sender: number,
    stream: Stream,
    { lost, missed, before, sequence, now }: Coming,
  ): void {
    const { scope, epoch } = receiver;
    if (delivery === "gap") {
      scope.count("ws_seq_gap", { where: before === epoch ? "connected" : "reconnect" });
    } else if (delivery === "reordered") {
      scope.hot.ws_msg_reordered++;
      this.#amiss("reordered", receiver, sender, stream, sequence, now);
    } else if (delivery !== "next") {
      scope.hot.ws_msg_duplicate++;
      this.#amiss("duplicate", receiver, sender, stream, sequence, now);
    }
    this.#tellLost(receiver, sender, stream, lost, missed, sequence);
  }

  /**
   * Tells of what is lost by now.
   * @param lostBefore how many were lost when that was last told, and of them in the gap of a reconnect
   * @param before a number behind which none of them is
   */
  #tellLost(
    receiver: Receiver,
    sender: number,
    stream: Stream,
    lostBefore: number,
    missedBefore: number,
    before: number,
  ): void {
    const count = stream.lost - lostBefore;
    if (count === 0) return;
    const away = stream.missed - missedBefore;
    const gaps = stream.losses.splice(0);
    const { scope } = receiver;
    scope.hot.ws_msg_lost += count;
    if (count > away) scope.count("ws_msg_missing", { where: "connected" }, count - away);
    if (away > 0) scope.count("ws_msg_missing", { where: "reconnect" }, away);
    let left = away;
    for (const gap of gaps) {
      if (gap.isAway && left > 0) {
        const of = Math.min(left, gap.untold);
        left -= of;
        receiver.missed?.(of, gap.at);
      }
      gap.untold = 0;
      const where = gap.isAway ? "reconnect" : "connected";
      if (gap.isTold || !this.#examples.wants("lost", where)) continue;
      const to = nameOf(receiver);
      const { at } = gap;
      const one = { what: "lost", where, sender, to, gap, sequence: undefined, at } as const;
      gap.isTold = this.#examples.note(one);
    }
    const which = (): string => `first noticed: ${count} before sequence ${before}`;
    this.tell(this.#words.lost, () => this.#between(which(), receiver, sender), count);
  }

  #amiss(
    what: "duplicate" | "reordered",
    receiver: Receiver,
    sender: number,
    { epoch, highest }: Stream,
    sequence: number,
    at: number,
  ): void {
    const where = epoch === receiver.epoch ? "connected" : "reconnect";
    if (this.#examples.wants(what, where)) {
      const to = nameOf(receiver);
      this.#examples.note({ what, where, sender, to, gap: undefined, sequence, at });
    }
    const which = (): string =>
      what === "reordered" ? `sequence ${sequence} after ${highest}` : `sequence ${sequence}`;
    this.tell(this.#words[what], () => this.#between(which(), receiver, sender));
  }

  #between(what: string, { index }: Receiver, sender: number): string {
    return `${what}, from ${this.#facts.nameOf(sender)} to user ${index}`;
  }
}

/** What a receiver is called. */
function nameOf({ index, role }: Receiver): string {
  return `user ${index} (${role.name})`;
}
