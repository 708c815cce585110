/** Owns the Room: who is in it, the sequence of what is said, and the newest of it. */
import type { Outlet } from "../../outlet.js";
import type { Peer } from "../../peer.js";
import type { Mistake } from "../desk.js";

/** What all rooms of a server share. */
export interface RoomSetup {
  readonly outlet: Outlet;
  /** How the server names itself. */
  readonly node: string;
  /** Messages kept per room. */
  readonly kept: number;
  /** Members of a room. */
  readonly size: number;
}

/** Bytes of the messages that are kept for one room. */
const keptBytes = 256 * 1024;

interface Member {
  readonly name: string;
  /** Nobody is told when it comes and goes. */
  readonly quiet: boolean;
}

/** What only one kind of broadcast has. */
type Rest = { readonly text: string } | { readonly count: number };

/** One room. A broadcast is encoded once and handed to every member. */
export class Room {
  readonly name: string;
  readonly #setup: RoomSetup;
  readonly #members = new Map<Peer, Member>();
  readonly #recent: { readonly seq: number; readonly message: unknown; readonly bytes: number }[] =
    [];
  #recentBytes = 0;
  #seq = 0;

  constructor(name: string, setup: RoomSetup) {
    this.name = name;
    this.#setup = setup;
  }

  /** The sequence number of the last broadcast; 0 before the first. */
  get seq(): number {
    return this.#seq;
  }

  /** How many members there are. */
  get count(): number {
    return this.#members.size;
  }

  /** The first members, `limit` at most. */
  members(limit: number): { readonly peer: number; readonly name: string }[] {
    const members: { peer: number; name: string }[] = [];
    for (const [{ id }, { name }] of this.#members) {
      if (members.length === limit) break;
      members.push({ peer: id, name });
    }
    return members;
  }

  /** Adds a member who is in no room of this name; everyone hears of it, the newcomer included. */
  join(peer: Peer, name: string, quiet: boolean): Mistake | undefined {
    const { size } = this.#setup;
    if (this.count >= size)
      return { code: "room-full", error: `a room has at most ${size} members` };
    this.#members.set(peer, { name, quiet });
    if (!quiet) this.#broadcast("joined", name, peer, { count: this.count });
    return undefined;
  }

  /** Takes a member out; those who stay hear of it. */
  leave(peer: Peer): void {
    const member = this.#members.get(peer);
    if (!member) return;
    this.#members.delete(peer);
    if (!member.quiet) this.#broadcast("left", member.name, peer, { count: this.count });
  }

  /** Tells everyone what a member says; returns its sequence number. */
  say(peer: Peer, text: string): number {
    this.#broadcast("said", this.#members.get(peer)?.name ?? "", peer, { text });
    return this.#seq;
  }

  /** Hands a binary message to everyone as it is. */
  relay(data: Buffer): void {
    for (const peer of this.#members.keys()) this.#setup.outlet.send(peer, data, true);
  }

  /** The broadcasts after that sequence number that are still kept, oldest first. */
  since(seq: number): unknown[] {
    return this.#recent.filter((one) => one.seq > seq).map(({ message }) => message);
  }

  #broadcast(op: "joined" | "left" | "said", from: string, { id }: Peer, rest: Rest): void {
    const { outlet, node } = this.#setup;
    const seq = ++this.#seq;
    const message = { op, room: this.name, seq, from, peer: id, at: Date.now(), node, ...rest };
    const data = Buffer.from(JSON.stringify(message));
    this.#keep(seq, message, data.length);
    for (const peer of this.#members.keys()) outlet.send(peer, data);
  }

  #keep(seq: number, message: unknown, bytes: number): void {
    this.#recent.push({ seq, message, bytes });
    this.#recentBytes += bytes;
    while (this.#recent.length > this.#setup.kept || this.#recentBytes > keptBytes) {
      this.#recentBytes -= this.#recent.shift()?.bytes ?? 0;
    }
  }
}
