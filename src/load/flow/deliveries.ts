/** Owns what stamps tell: which messages of whom came to whom, how often, and after how long. */
import { stampLength } from "../../message/stamp.js";
import type { Meter } from "../meter.js";
import type { Scope } from "../scope.js";
import { Stream } from "./delivery.js";
import type { Incoming } from "./incoming.js";

/** Whoever receives stamped messages. */
export interface Receiver {
  readonly index: number;
  readonly scope: Scope;
  readonly context: { lastSeq: number };
  /** Connections it has had. */
  readonly epoch: number;
  /** By sender. */
  streams: Map<number, Stream> | undefined;
  /** Stamps that it has sent itself: the last one's sequence, and that of the last one before its life. */
  readonly stampSeq: number;
  stampsBefore: number;
  /** Whether each of these was to come back to it. */
  readonly hearsItself: boolean;
  /** Stamps that came damaged and whose gaps have not been found yet. */
  damaged: number;
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
}

/** The delivery ledger of a worker. */
export class Deliveries {
  /** Whether the last message needs no further account: it was another user's, or corrupt. */
  isAccounted = false;
  readonly #facts: StampFacts;
  readonly #meter: Meter;
  #streams = 0;
  readonly #told = new Set<string>();

  constructor(facts: StampFacts, meter: Meter) {
    this.#facts = facts;
    this.#meter = meter;
  }

  /** Reads a message's stamp, if it holds one of this run. */
  receive(receiver: Receiver, incoming: Incoming, now: number): void {
    this.isAccounted = false;
    const { scope } = receiver;
    const state = incoming.readStamp();
    if (state === "absent") return;
    const { stamp } = incoming;
    if (state === "corrupt") {
      scope.hot.ws_msg_corrupt++;
      this.isAccounted = true;
      receiver.damaged++;
      this.#tell("stamp corrupt", () => incoming.view.text ?? `no ${stampLength} characters`);
      return;
    }
    const { run, users, offset, byStamp } = this.#facts;
    if (stamp.run !== run || stamp.sender >= users) return;
    if (stamp.sequence > autoReplyStamps) {
      this.isAccounted = true;
      return;
    }
    if (byStamp) receiver.context.lastSeq = stamp.sequence;
    if (stamp.sender === receiver.index) incoming.isOwn = true;
    else {
      this.isAccounted = true;
      scope.times.ws_delivery.record(now + offset - stamp.micros / 1000);
    }
    this.#take(receiver, stamp.sender, stamp.sequence);
  }

  /** Nothing more will come to that receiver: what is missing is lost. */
  finish(receiver: Receiver): void {
    const { index, stampSeq, stampsBefore } = receiver;
    const isOwed = this.#hearsItself(receiver) && stampSeq > stampsBefore;
    // Of a stream of which nothing came, everything is missing.
    if (isOwed && !receiver.streams?.has(index)) {
      this.#open(receiver, index, 0);
      // Nobody knows what of it has come.
      if (!receiver.streams?.has(index)) receiver.scope.hot.ws_msg_unfollowed++;
    }
    for (const [sender, stream] of receiver.streams ?? []) {
      const before = stream.lost;
      const upTo = isOwed && sender === index ? stampSeq : undefined;
      this.#lost(receiver, sender, stream.finish(upTo) - before, stream.highest);
    }
    this.#streams -= receiver.streams?.size ?? 0;
    receiver.streams = undefined;
    receiver.stampsBefore = stampSeq;
  }

  /** Whether all that the receiver sends with a stamp is to come back to it. */
  #hearsItself({ hearsItself }: Receiver): boolean {
    return this.#facts.byStamp && hearsItself;
  }

  /** Begins a stream: one's own from its beginning, another's from what came first. */
  #open(receiver: Receiver, sender: number, sequence: number): Stream | undefined {
    const { mostStreams } = this.#facts;
    if (this.#streams >= mostStreams) {
      this.#tell("stamped messages not followed", () => `there are ${mostStreams} streams already`);
      return undefined;
    }
    this.#streams++;
    const isOwn = sender === receiver.index && this.#hearsItself(receiver);
    const stream = isOwn
      ? new Stream(receiver.stampsBefore, 1)
      : new Stream(sequence, receiver.epoch);
    (receiver.streams ??= new Map()).set(sender, stream);
    return isOwn ? stream : undefined;
  }

  #take(receiver: Receiver, sender: number, sequence: number): void {
    const { hot } = receiver.scope;
    const stream = receiver.streams?.get(sender) ?? this.#open(receiver, sender, sequence);
    if (!stream) {
      hot.ws_msg_delivered++;
      if (!receiver.streams?.has(sender)) hot.ws_msg_unfollowed++;
      return;
    }
    const { lost, highest } = stream;
    const delivery = stream.take(sequence);
    if (delivery === "duplicate") {
      hot.ws_msg_duplicate++;
      this.#example("stamped message came twice", receiver, sender, () => `sequence ${sequence}`);
      return;
    }
    hot.ws_msg_delivered++;
    if (delivery === "reordered") {
      hot.ws_msg_reordered++;
      this.#example(
        "stamped message out of order",
        receiver,
        sender,
        () => `sequence ${sequence} after ${highest}`,
      );
    } else if (delivery === "gap") {
      const where = stream.epoch === receiver.epoch ? "connected" : "reconnect";
      receiver.scope.count("ws_seq_gap", { where });
    }
    stream.epoch = receiver.epoch;
    if (stream.lost > lost) this.#lost(receiver, sender, stream.lost - lost, sequence);
  }

  /** @param before a sequence behind which none of them is */
  #lost(receiver: Receiver, sender: number, missing: number, before: number): void {
    const count = missing - this.#damagedOf(receiver, sender, missing);
    if (count === 0) return;
    receiver.scope.hot.ws_msg_lost += count;
    const which = (): string => `first noticed: ${count} before sequence ${before}`;
    this.#example("stamped messages lost", receiver, sender, which, count);
  }

  /** How many of those missing have come damaged; known of who hears nobody but itself. */
  #damagedOf(receiver: Receiver, sender: number, missing: number): number {
    const isAlone = receiver.streams?.size === 1 && sender === receiver.index;
    if (!isAlone || !this.#hearsItself(receiver)) return 0;
    const damaged = Math.min(receiver.damaged, missing);
    receiver.damaged -= damaged;
    return damaged;
  }

  #example(
    what: string,
    { index }: Receiver,
    sender: number,
    which: () => string,
    count = 1,
  ): void {
    this.#tell(what, () => `${which()}, from user ${sender} to user ${index}`, count);
  }

  /** Only the first example of a kind is ever built. */
  #tell(what: string, example: () => string, count = 1): void {
    this.#meter.error(what, this.#told.has(what) ? "" : example(), count);
    this.#told.add(what);
  }
}
