/**
 * Owns the alignment of two sets of messages, whatever their order: each of the recording takes one
 * that came and counts as the same; what is left over is paired by how alike it is.
 */
import { type Aligner, type AlignmentSink, isFull, Line } from "./aligner.js";
import type { Comparer } from "./compare.js";
import type { Heard } from "./heard.js";
import { similarity } from "./similarity.js";

/** So many of the other side are compared with a message that has no equal there. */
const farthest = 256;

/** So many may have come before they are expected, though whoever feeds us held the server up. */
const mostAhead = 65_536;

/** Two messages this much alike are one that was changed. */
const alike = 0.35;

/** The alignment. */
export class SetAligner implements Aligner {
  readonly expected = new Line();
  readonly arrived = new Line();
  readonly #expectedByDigest = new Map<string, Heard[]>();
  readonly #arrivedByDigest = new Map<string, Heard[]>();
  readonly #comparer: Comparer;
  readonly #sink: AlignmentSink;

  constructor(comparer: Comparer, sink: AlignmentSink) {
    this.#comparer = comparer;
    this.#sink = sink;
  }

  expect(recorded: Heard): void {
    const digest = this.#comparer.digestOf(recorded, true);
    const received =
      this.#arrivedByDigest.get(digest)?.[0] ??
      near(this.arrived, (one) => this.#comparer.changes(recorded, one).length === 0);
    if (received) {
      this.#take(this.arrived, this.#arrivedByDigest, received);
      this.#same(recorded, received);
      return;
    }
    put(this.expected, this.#expectedByDigest, recorded);
    if (isFull(this.expected)) this.#giveUp(this.expected.at(0)!);
  }

  arrive(received: Heard): void {
    const digest = this.#comparer.digestOf(received, false);
    const recorded =
      this.#expectedByDigest.get(digest)?.[0] ??
      near(this.expected, (one) => this.#comparer.changes(one, received).length === 0);
    if (recorded) {
      this.#take(this.expected, this.#expectedByDigest, recorded);
      this.#same(recorded, received);
      return;
    }
    put(this.arrived, this.#arrivedByDigest, received);
    if (this.arrived.length > mostAhead) {
      this.#sink.extra(this.#take(this.arrived, this.#arrivedByDigest, this.arrived.at(0)!));
    }
  }

  get fits(): boolean {
    const { length } = this.expected;
    if (length === 0) return true;
    if (length > this.arrived.length) return false;
    for (let at = 0; at < Math.min(farthest, length); at++) {
      if (!this.#closest(this.expected.at(at)!)) return false;
    }
    return true;
  }

  /** What differs may have its equal later; what can be learned from it is learned. */
  settle(): void {
    for (let at = 0; at < Math.min(farthest, this.expected.length); at++) {
      const recorded = this.expected.at(at)!;
      const received = this.#closest(recorded);
      if (received) this.#comparer.learn(recorded, received);
    }
  }

  finish(): void {
    while (this.expected.length > 0) this.#giveUp(this.expected.at(0)!);
    while (this.arrived.length > 0) {
      this.#sink.extra(this.#take(this.arrived, this.#arrivedByDigest, this.arrived.at(0)!));
    }
  }

  /** Nothing that is the same will come for it. */
  #giveUp(recorded: Heard): void {
    this.#take(this.expected, this.#expectedByDigest, recorded);
    const received = this.#closest(recorded);
    if (!received) {
      this.#sink.missing(recorded);
      return;
    }
    this.#take(this.arrived, this.#arrivedByDigest, received);
    const changes = this.#comparer.changes(recorded, received);
    this.#comparer.learn(recorded, received);
    if (changes.length === 0) this.#sink.same(recorded, received);
    else this.#sink.changed(recorded, received, changes);
  }

  #closest(recorded: Heard): Heard | undefined {
    let best: Heard | undefined;
    let most = alike;
    for (let at = 0; at < Math.min(farthest, this.arrived.length); at++) {
      const received = this.arrived.at(at)!;
      const common = similarity(recorded, received);
      if (common > most) [best, most] = [received, common];
    }
    return best;
  }

  #same(recorded: Heard, received: Heard): void {
    this.#comparer.learn(recorded, received);
    this.#sink.same(recorded, received);
  }

  #take(line: Line, byDigest: Map<string, Heard[]>, heard: Heard): Heard {
    line.remove(heard);
    const digest = heard.digest!;
    const rest = (byDigest.get(digest) ?? []).filter((one) => one !== heard);
    if (rest.length > 0) byDigest.set(digest, rest);
    else byDigest.delete(digest);
    return heard;
  }
}

function put(line: Line, byDigest: Map<string, Heard[]>, heard: Heard): void {
  line.push(heard);
  const digest = heard.digest!;
  const all = byDigest.get(digest);
  if (all) all.push(heard);
  else byDigest.set(digest, [heard]);
}

function near(line: Line, isIt: (heard: Heard) => boolean): Heard | undefined {
  for (let at = 0; at < Math.min(farthest, line.length); at++) {
    const heard = line.at(at)!;
    if (isIt(heard)) return heard;
  }
  return undefined;
}
