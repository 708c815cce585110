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
}

/** Streams that a worker keeps at most: some 100 MB. */
const mostStreams = 1_000_000;

/** What a worker knows of this run. */
export interface StampFacts {
  /** The run's number, as stamps hold it. */
  readonly run: number;
  /** Users of the whole run: no stamp is of another. */
  readonly users: number;
  /** The machine's monotonic clock less `performance.now`, in ms. */
  readonly offset: number;
}

/** The delivery ledger of a worker. */
export class Deliveries {
  /** Whether the last message needs no further account: it was another user's, or corrupt. */
  isAccounted = false;
  readonly #facts: StampFacts;
  readonly #meter: Meter;
  #streams = 0;

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
      this.#meter.error("stamp corrupt", incoming.view.text ?? `no ${stampLength} characters`);
      return;
    }
    const { run, users, offset } = this.#facts;
    if (stamp.run !== run || stamp.sender >= users) return;
    receiver.context.lastSeq = stamp.sequence;
    if (stamp.sender === receiver.index) incoming.isOwn = true;
    else {
      this.isAccounted = true;
      scope.times.ws_delivery.record(now + offset - stamp.micros / 1000);
    }
    this.#take(receiver, stamp.sender, stamp.sequence);
  }

  /** Nothing more will come to that receiver: what is missing is lost. */
  finish(receiver: Receiver): void {
    if (!receiver.streams) return;
    for (const [sender, stream] of receiver.streams) {
      const before = stream.lost;
      this.#lost(receiver, sender, stream.finish() - before);
    }
    this.#streams -= receiver.streams.size;
    receiver.streams = undefined;
  }

  #take(receiver: Receiver, sender: number, sequence: number): void {
    const { hot } = receiver.scope;
    const streams = (receiver.streams ??= new Map<number, Stream>());
    const stream = streams.get(sender);
    if (!stream) {
      hot.ws_msg_delivered++;
      if (this.#streams >= mostStreams) return;
      this.#streams++;
      streams.set(sender, new Stream(sequence, receiver.epoch));
      return;
    }
    const { lost, highest } = stream;
    const delivery = stream.take(sequence);
    if (delivery === "duplicate") {
      hot.ws_msg_duplicate++;
      this.#example("stamped message came twice", receiver, sender, `${sequence}`);
      return;
    }
    hot.ws_msg_delivered++;
    if (delivery === "reordered") {
      hot.ws_msg_reordered++;
      this.#example(
        "stamped message out of order",
        receiver,
        sender,
        `${sequence} after ${highest}`,
      );
    } else if (delivery === "gap") {
      const where = stream.epoch === receiver.epoch ? "connected" : "reconnect";
      receiver.scope.count("ws_seq_gap", { where });
    }
    stream.epoch = receiver.epoch;
    if (stream.lost > lost) this.#lost(receiver, sender, stream.lost - lost);
  }

  #lost(receiver: Receiver, sender: number, count: number): void {
    if (count === 0) return;
    receiver.scope.hot.ws_msg_lost += count;
    this.#example("stamped messages lost", receiver, sender, `${count} of them`, count);
  }

  #example(what: string, { index }: Receiver, sender: number, which: string, count = 1): void {
    this.#meter.error(what, `sequence ${which}, from user ${sender} to user ${index}`, count);
  }
}
