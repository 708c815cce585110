/**
 * Owns the alignment of two sets of messages, whatever their order: each of the recording takes one
 * that came and counts as the same; what is left over is paired by how alike it is.
 */
import { type Aligner, type AlignmentSink, isFarAhead, isFull, type Waiting } from "./aligner.js";
import type { Comparer } from "./compare.js";
import type { Heard } from "./heard.js";
import { similarity } from "./similarity.js";

/** So many of the other side are compared with a message that has no equal there. */
const farthest = 256;

/** Two messages this much alike are one that was changed. */
const alike = 0.35;

/** Values that are looked at to find one that is the same as a message. */
const mostSteps = 200_000;

/** Messages in the order in which they came, found by their digests too. */
class Pool implements Waiting {
  bytes = 0;
  readonly #all = new Set<Heard>();
  readonly #byDigest = new Map<string, Set<Heard>>();

  get length(): number {
    return this.#all.size;
  }

  [Symbol.iterator](): IterableIterator<Heard> {
    return this.#all.values();
  }

  first(): Heard | undefined {
    for (const heard of this.#all) return heard;
    return undefined;
  }

  withDigest(digest: string): Heard | undefined {
    for (const heard of this.#byDigest.get(digest) ?? []) return heard;
    return undefined;
  }

  put(heard: Heard, digest: string): void {
    this.#all.add(heard);
    this.bytes += heard.size;
    const same = this.#byDigest.get(digest);
    if (same) same.add(heard);
    else this.#byDigest.set(digest, new Set([heard]));
  }

  take(heard: Heard): Heard {
    this.#all.delete(heard);
    this.bytes -= heard.size;
    const digest = heard.digest ?? "";
    const same = this.#byDigest.get(digest);
    same?.delete(heard);
    if (same?.size === 0) this.#byDigest.delete(digest);
    return heard;
  }

  /** The nearest that it is; those before it in time come first. */
  near(isIt: (heard: Heard) => boolean): Heard | undefined {
    let left = farthest;
    for (const heard of this.#all) {
      if (left-- <= 0) return undefined;
      if (isIt(heard)) return heard;
    }
    return undefined;
  }
}

/** The alignment. */
export class SetAligner implements Aligner {
  readonly expected = new Pool();
  readonly arrived = new Pool();
  /** Whatever the order, each may be the last to come. */
  readonly most = { length: 32_768, bytes: 32 * 1024 * 1024 };
  readonly #comparer: Comparer;
  readonly #sink: AlignmentSink;
  readonly #forgiven = new Set<Heard>();

  constructor(comparer: Comparer, sink: AlignmentSink) {
    this.#comparer = comparer;
    this.#sink = sink;
  }

  expect(recorded: Heard): void {
    const digest = this.#comparer.digestOf(recorded, true);
    const received = this.arrived.withDigest(digest) ?? this.#nearArrived(recorded);
    if (received) this.#same(recorded, this.arrived.take(received));
    else this.expected.put(recorded, digest);
  }

  arrive(received: Heard): void {
    const digest = this.#comparer.digestOf(received, false);
    const recorded = this.expected.withDigest(digest) ?? this.#nearExpected(received);
    if (recorded) {
      this.#forgiven.delete(recorded);
      this.#same(this.expected.take(recorded), received);
      return;
    }
    this.arrived.put(received, digest);
    if (isFarAhead(this.arrived)) this.#sink.extra(this.arrived.take(this.arrived.first()!));
  }

  get fits(): boolean {
    return this.lacking().length === 0;
  }

  get isComplete(): boolean {
    const { length } = this.expected;
    if (length === 0 || length > this.arrived.length) return length === 0;
    return this.#first((recorded) => this.#closest(recorded) === undefined).length === 0;
  }

  lacking(): readonly Heard[] {
    const isWanted = (recorded: Heard): boolean => !this.#forgiven.has(recorded);
    if (this.expected.length === this.#forgiven.size) return [];
    const all = [...this.expected].filter(isWanted);
    // Where fewer came, those that have none of their own are not known: all may be.
    if (all.length > this.arrived.length) return all.slice(0, all.length - this.arrived.length);
    return this.#first((one) => isWanted(one) && this.#closest(one) === undefined);
  }

  forgive(): void {
    for (const recorded of this.expected) this.#forgiven.add(recorded);
  }

  /** What differs may have its equal later; what can be learned from it is learned. */
  settle(): void {
    if (!this.#comparer.carries) return;
    for (const recorded of this.#first(() => true)) {
      const received = this.#closest(recorded);
      if (received) this.#comparer.learn(recorded, received);
    }
  }

  giveUp(): void {
    do {
      const first = this.expected.first();
      if (first) this.#giveUp(first);
    } while (isFull(this.expected, this.most));
  }

  finish(): void {
    for (const recorded of this.expected) this.#giveUp(recorded);
    for (const received of this.arrived) this.#sink.extra(this.arrived.take(received));
  }

  /** Those of the first that are expected of which that is so. */
  #first(isSo: (recorded: Heard) => boolean): Heard[] {
    const found: Heard[] = [];
    let left = farthest;
    for (const recorded of this.expected) {
      if (left-- <= 0) break;
      if (isSo(recorded)) found.push(recorded);
    }
    return found;
  }

  /** Where digests cannot tell that two are the same, the nearest are compared one by one. */
  #nearArrived(recorded: Heard): Heard | undefined {
    if (!this.#comparer.isLenient(recorded)) return undefined;
    const budget = { steps: mostSteps };
    return this.arrived.near((one) => this.#comparer.isSame(recorded, one, budget));
  }

  #nearExpected(received: Heard): Heard | undefined {
    const budget = { steps: mostSteps };
    return this.expected.near(
      (one) => this.#comparer.isLenient(one) && this.#comparer.isSame(one, received, budget),
    );
  }

  /** Nothing that is the same will come for it. */
  #giveUp(recorded: Heard): void {
    this.expected.take(recorded);
    this.#forgiven.delete(recorded);
    const received = this.#closest(recorded);
    if (!received) {
      this.#sink.missing(recorded);
      return;
    }
    this.arrived.take(received);
    const changes = this.#comparer.changes(recorded, received);
    this.#comparer.learn(recorded, received);
    if (changes.length === 0) this.#sink.same(recorded, received);
    else this.#sink.changed(recorded, received, changes);
  }

  #closest(recorded: Heard): Heard | undefined {
    let best: Heard | undefined;
    let most = alike;
    this.arrived.near((received) => {
      const common = similarity(recorded, received);
      if (common > most) [best, most] = [received, common];
      return common === 1;
    });
    return best;
  }

  #same(recorded: Heard, received: Heard): void {
    this.#comparer.learn(recorded, received);
    this.#sink.same(recorded, received);
  }
}
