/** Owns who is in a room on other nodes of the fleet, and how far those have counted in it. */
import type { FarMember } from "./broadcast.js";

/** So many members on other nodes are known, over all rooms: they come from the channel. */
const mostKnown = 200_000;

/** How many are known in all rooms together. */
export interface FarTally {
  known: number;
}

/** One node's part of a room. */
interface Part {
  readonly node: string;
  seq: number;
  readonly members: Map<number, FarMember>;
}

/** The members of one room on other nodes. */
export class FarMembers {
  readonly #tally: FarTally;
  readonly #parts = new Map<string, Part>();
  #count = 0;

  /** @param tally what all rooms share */
  constructor(tally: FarTally) {
    this.#tally = tally;
  }

  get count(): number {
    return this.#count;
  }

  /** By node, the number of its last broadcast that is known of. */
  *seqs(): Iterable<[node: string, seq: number]> {
    for (const { node, seq } of this.#parts.values()) yield [node, seq];
  }

  /** All of them. */
  *list(): Iterable<{ readonly peer: number; readonly name: string; readonly node: string }> {
    for (const { node, members } of this.#parts.values()) {
      for (const { peer, name } of members.values()) yield { peer, name, node };
    }
  }

  /** A node has counted that far. */
  counted(life: string, node: string, seq: number): void {
    const part = this.#part(life, node);
    part.seq = Math.max(part.seq, seq);
  }

  /** Somebody is there. */
  add(life: string, node: string, member: FarMember): void {
    const { members } = this.#part(life, node);
    if (!members.has(member.peer)) {
      if (this.#tally.known >= mostKnown) return;
      this.#grow(1);
    }
    members.set(member.peer, member);
  }

  /** Somebody is not there any more. */
  remove(life: string, peer: number): void {
    if (this.#parts.get(life)?.members.delete(peer)) this.#grow(-1);
  }

  /** A node is gone; how many of its members everybody knew of, and its name. */
  forget(life: string): { readonly node: string; readonly members: number } | undefined {
    const part = this.#parts.get(life);
    if (!part) return undefined;
    this.#parts.delete(life);
    this.#grow(-part.members.size);
    const members = [...part.members.values()].filter(({ quiet }) => !quiet).length;
    return { node: part.node, members };
  }

  #grow(by: number): void {
    this.#count += by;
    this.#tally.known += by;
  }

  #part(life: string, node: string): Part {
    let part = this.#parts.get(life);
    if (!part) this.#parts.set(life, (part = { node, seq: 0, members: new Map() }));
    return part;
  }
}
