/**
 * Owns what a service's own numbers tell: messages that name their sender and count what it says, as
 * `sequence` of a scenario finds them, are held in the delivery ledger.
 */
import { compileJsonPath } from "../../message/json-path.js";
import type { JsonValue } from "../../message/json.js";
import { compileMatcher, type Matcher } from "../../message/matcher.js";
import type { DeliveryPart } from "../../metrics/delivery.js";
import type { PlanSequence } from "../../scenario/flow-plan.js";
import type { Meter } from "../meter.js";
import { DeliveryBook, type Receiver } from "./delivery-book.js";
import type { Incoming } from "./incoming.js";
import { SenderNames } from "./sequence-names.js";
import { readerOf } from "./value-reader.js";

/** A number as text, of so many digits that it is exact. */
const digits = /^\d{1,15}$/;

type Read = (incoming: Incoming) => JsonValue | undefined;

/** Numbers as they come. */
export class Sequences {
  /** Whether the last message was one of those that are numbered. */
  isAccounted = false;
  readonly #book: DeliveryBook;
  readonly #names = new SenderNames();
  readonly #number: Read;
  readonly #sender: Read | undefined;
  readonly #of: Read | undefined;
  readonly #matcher: Matcher | undefined;
  /** The number before the first of each stream; undefined: whatever comes first is the first. */
  readonly #after: number | undefined;
  readonly #isPerConnection: boolean;

  /**
   * @param startedAt the start of traffic, on `performance.now`'s clock
   * @throws WsctlError WSCTL_EUSAGE for what cannot be compiled
   */
  constructor(plan: PlanSequence, mostStreams: number, meter: Meter, startedAt: () => number) {
    const { number, sender, of, match, start, per } = plan;
    const read = (path: string): Read => readerOf(compileJsonPath(path));
    this.#number = read(number);
    this.#sender = sender === undefined ? undefined : read(sender);
    this.#of = of === undefined ? undefined : read(of);
    this.#matcher = match && compileMatcher(match);
    this.#after = start === undefined ? undefined : start - 1;
    this.#isPerConnection = per === "connection";
    this.#book = new DeliveryBook(
      {
        by: "sequence",
        mostStreams,
        startedAt,
        nameOf: (id) => this.#names.nameOf(id),
      },
      meter,
    );
  }

  /** Looks for a message's number and sender. */
  receive(receiver: Receiver, incoming: Incoming, now: number): void {
    this.isAccounted = false;
    const sequence = numberOf(this.#number(incoming));
    if (sequence === undefined) return;
    const sender = this.#sender ? this.#sender(incoming) : "";
    const of = this.#of ? this.#of(incoming) : "";
    if (!isName(sender) || !isName(of)) return;
    if (this.#matcher?.test(incoming.view) === false) return;
    this.isAccounted = true;
    receiver.context.lastSeq = sequence;
    const id = this.#names.idOf(sender, of);
    if (id === undefined) {
      receiver.scope.hot.ws_msg_delivered++;
      receiver.scope.hot.ws_msg_unfollowed++;
      this.#book.unfollowed("there are too many senders, or one has too long a name");
      return;
    }
    const stream = receiver.streams?.get(id);
    if (stream && this.#isPerConnection && stream.epoch !== receiver.epoch) {
      this.#book.close(receiver, id, stream, now, { isLast: false });
      this.#begin(receiver, id, sequence, now);
    } else if (stream) this.#book.take(receiver, id, stream, sequence, now);
    else this.#begin(receiver, id, sequence, now);
  }

  /** Nothing more will come to that receiver: open gaps are lost. */
  finish(receiver: Receiver): void {
    this.#book.finish(receiver, performance.now());
  }

  /** What is known at the end. */
  part(): DeliveryPart {
    return this.#book.part();
  }

  #begin(receiver: Receiver, id: number, sequence: number, now: number): void {
    const epoch = this.#isPerConnection ? receiver.epoch : 1;
    this.#book.begin(receiver, id, sequence, this.#after, now, epoch);
  }
}

/** Whole numbers, and what is one in quotation marks; of anything else nothing can be missing. */
function numberOf(value: JsonValue | undefined): number | undefined {
  if (typeof value === "number") {
    return value >= 0 && Number.isSafeInteger(value) ? value : undefined;
  }
  return typeof value === "string" && digits.test(value) ? Number(value) : undefined;
}

function isName(value: JsonValue | undefined): value is string | number {
  return typeof value === "string" || typeof value === "number";
}
