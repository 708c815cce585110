/**
 * Owns what a node knows of the others: who is there, and how far each has counted. A number that is
 * left out is a message that did not come; one that was there before is no news.
 */
import type { Envelope } from "./backplane-envelope.js";

interface Other {
  readonly node: string;
  /** The number of the last message that is known of. */
  last: number;
  /** Messages before the first that was heard, while it is not known whether they were missed. */
  before: number;
  /** When it was last heard, in ms. */
  heard: number;
  /** Silent for so long that what it stood for is forgotten; how far it has counted is not. */
  gone: boolean;
}

/** So many are known at once: names come from the channel. */
const mostNodes = 256;
/** Who was silent for so many ms is gone. */
const silence = 5000;

/** The other nodes of a fleet. */
export class OtherNodes {
  /** Messages of others that did not come. */
  missed = 0;
  /** Somebody is there of whom only the count is known. */
  strangers = false;
  readonly #known = new Map<string, Other>();

  /**
   * Takes down what an envelope says of its sender. False: it is to be ignored, as it came before, or
   * there are too many nodes.
   * @param now in ms
   * @param young whether its sender began when this node heard already, which then could have heard
   *   all its messages; undefined when it does not say
   */
  note(
    { life, node, last, count, kind }: Envelope,
    now: number,
    young: boolean | undefined,
  ): boolean {
    const first = last - count + 1;
    let other = this.#known.get(life);
    if (!other) {
      if (this.#known.size >= mostNodes && !this.#forgetOne()) return false;
      other = { node, last: first - 1, before: first - 1, heard: now, gone: true };
      this.#known.set(life, other);
    }
    if (young !== undefined) {
      if (young) this.missed += other.before;
      other.before = 0;
    }
    // Who says hello tells by itself how it stands.
    if (other.gone && kind !== "hello") this.strangers = true;
    other.gone = false;
    other.heard = now;
    if (count > 0 && first <= other.last) return false;
    // What is only told of the count can be late, behind what was counted since.
    if (first - 1 > other.last) this.missed += first - 1 - other.last;
    other.last = Math.max(other.last, last);
    return true;
  }

  /** Forgets one; whether it was known. */
  forget(life: string): boolean {
    return this.#known.delete(life);
  }

  /** Another life of a node: the process that had the name before. */
  sameNode({ life, node }: Envelope): string | undefined {
    for (const [each, other] of this.#known) if (each !== life && other.node === node) return each;
    return undefined;
  }

  /** Nobody could be heard until now. */
  excuse(now: number): void {
    for (const other of this.#known.values()) other.heard = now;
  }

  /** Whoever was silent for too long is gone; returns their lives. */
  expire(now: number): string[] {
    const gone: string[] = [];
    for (const [life, other] of this.#known) {
      if (other.gone || now - other.heard <= silence) continue;
      other.gone = true;
      gone.push(life);
    }
    return gone;
  }

  #forgetOne(): boolean {
    for (const [life, { gone }] of this.#known) if (gone) return this.#known.delete(life);
    return false;
  }
}
