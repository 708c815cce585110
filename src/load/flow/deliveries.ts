/** Owns what stamps tell: which messages of whom came to whom, and after how long. */
import { stampLength } from "../../message/stamp.js";
import type { Meter } from "../meter.js";
import { DeliveryBook, type Receiver } from "./delivery-book.js";
import type { Incoming } from "./incoming.js";

/** Whoever receives stamped messages, and sends some. */
export interface StampReceiver extends Receiver {
  /** Stamps that it has sent itself: the last one's sequence, and that of the last one before its life. */
  readonly stampSeq: number;
  stampsBefore: number;
  /** Whether each of these was to come back to it. */
  readonly hearsItself: boolean;
}

/** Stamps of automatic answers count from here on: they are in nobody's ledger. */
export const autoReplyStamps = 0x8000_0000;

/** What a worker knows of this run. */
export interface StampFacts {
  /** The run's number, as stamps hold it. */
  readonly run: number;
  /** Users of the whole run: no stamp is of another. */
  readonly users: number;
  /** The machine's monotonic clock less `performance.now`, in ms. */
  readonly offset: number;
  /** Whether replies are known by their stamps. */
  readonly byStamp: boolean;
  /** Streams that are kept at most. */
  readonly mostStreams: number;
  /** Whether there is a ledger of stamps; there is none beside that of a service's own numbers. */
  readonly isLedger: boolean;
  /** The start of traffic, on `performance.now`'s clock. */
  readonly startedAt: () => number;
}

/** Stamps as they come. */
export class Deliveries {
  /** Whether the last message needs no further account: it was another user's, or corrupt. */
  isAccounted = false;
  /** The ledger of stamps. */
  readonly book: DeliveryBook;
  readonly #facts: StampFacts;

  constructor(facts: StampFacts, meter: Meter) {
    this.#facts = facts;
    const { mostStreams, startedAt } = facts;
    this.book = new DeliveryBook(
      {
        by: "stamp",
        mostStreams,
        startedAt,
        nameOf: (sender) => `user ${sender}`,
      },
      meter,
    );
  }

  /** Reads a message's stamp, if it holds one of this run. */
  receive(receiver: StampReceiver, incoming: Incoming, now: number): void {
    this.isAccounted = false;
    const { scope } = receiver;
    const { run, users, offset, byStamp, isLedger } = this.#facts;
    const state = incoming.readStamp(byStamp);
    if (state === "absent") return;
    const { stamp } = incoming;
    if (state === "corrupt") {
      scope.hot.ws_msg_corrupt++;
      this.isAccounted = true;
      if (isLedger) this.#takeDamaged(receiver, incoming, now);
      this.book.corrupt(receiver, now);
      const example = (): string => incoming.view.text ?? `no ${stampLength} characters`;
      this.book.tell("stamp corrupt", example);
      return;
    }
    if (stamp.run !== run || stamp.sender >= users) return;
    const { sender, sequence } = stamp;
    if (sequence > autoReplyStamps) {
      this.isAccounted = true;
      return;
    }
    if (byStamp && isLedger) receiver.context.lastSeq = sequence;
    if (sender === receiver.index) incoming.isOwn = true;
    else {
      this.isAccounted = true;
      const sentAt = stamp.micros / 1000 - offset;
      if (sentAt >= scope.timedFrom) scope.times.ws_delivery.record(now - sentAt);
    }
    if (!isLedger) return;
    const stream = receiver.streams?.get(sender);
    if (stream) this.book.take(receiver, sender, stream, sequence, now);
    else {
      // One's own stream is known from its beginning, another's from what came first.
      const isOwn = sender === receiver.index && this.#hearsItself(receiver);
      const after = isOwn ? receiver.stampsBefore : undefined;
      this.book.begin(receiver, sender, sequence, after, now);
    }
  }

  /** Nothing more will come to that receiver: what is missing is lost. */
  finish(receiver: StampReceiver): void {
    const now = performance.now();
    const { index, stampSeq, stampsBefore, scope } = receiver;
    if (this.#facts.isLedger && this.#hearsItself(receiver) && stampSeq > stampsBefore) {
      // Of a stream of which nothing came, everything is missing.
      const stream =
        receiver.streams?.get(index) ?? this.book.open(receiver, index, stampsBefore, 1);
      // Without a stream nobody knows what of it has come.
      if (stream) this.book.close(receiver, index, stream, now, { upTo: stampSeq });
      else scope.hot.ws_msg_unfollowed++;
    }
    this.book.finish(receiver, now);
    receiver.stampsBefore = stampSeq;
  }

  /** Whether all that the receiver sends with a stamp is to come back to it. */
  #hearsItself({ hearsItself }: StampReceiver): boolean {
    return this.#facts.byStamp && hearsItself;
  }

  /** A stamp came damaged: what it was on has come all the same. */
  #takeDamaged(receiver: StampReceiver, { isMended, stamp }: Incoming, now: number): void {
    const { index, streams, stampsBefore } = receiver;
    const sender = isMended ? stamp.sender : index;
    const isOwn = sender === index && this.#hearsItself(receiver);
    if (isMended) {
      if (stamp.run !== this.#facts.run || stamp.sequence > autoReplyStamps) return;
    } else {
      // Where nobody knows whose it was, it is one's own only if nobody else is heard.
      const isAlone = !streams || (streams.size === 1 && streams.has(index));
      if (!isOwn || !isAlone) return;
    }
    const known = streams?.get(sender);
    const stream = known ?? (isOwn ? this.book.open(receiver, index, stampsBefore, 1) : undefined);
    const sequence = isMended ? stamp.sequence : undefined;
    if (stream) this.book.takeDamaged(receiver, sender, stream, sequence, now);
  }
}
