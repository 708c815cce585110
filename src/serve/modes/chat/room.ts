/**
 * Owns the Room: who is in it, the sequence of what is said, and the newest of it. In a fleet every
 * node counts its own broadcasts: numbers that all nodes share would need Redis for each message,
 * and there would be none while it is away.
 */
import type { Outlet } from "../../outlet.js";
import type { Peer } from "../../peer.js";
import type { Mistake } from "../desk.js";
import type { Broadcast, FarRoom } from "./broadcast.js";
import { FarMembers, type FarTally } from "./far-members.js";
import { RecentBroadcasts } from "./recent-broadcasts.js";

/** What all rooms of a server share. */
export interface RoomSetup {
  readonly outlet: Outlet;
  /** How the server names itself. */
  readonly node: string;
  /** Messages kept per room. */
  readonly kept: number;
  /** Members of a room. */
  readonly size: number;
  /** The other nodes, in a fleet. */
  readonly fleet: RoomFleet | undefined;
}

/** What a room tells the other nodes. */
export interface RoomFleet {
  readonly tally: FarTally;
  broadcast(message: Broadcast): void;
  relay(room: string, data: Buffer): void;
  /** Somebody came or went whom nobody is told of. */
  moved(kind: "came" | "went", room: string, peer: number, name: string): void;
}

interface Member {
  readonly name: string;
  /** Nobody is told when it comes and goes. */
  readonly quiet: boolean;
}

/** One room. A broadcast is encoded once and handed to every member. */
export class Room {
  readonly name: string;
  /** Members on other nodes; undefined without a fleet. */
  readonly far: FarMembers | undefined;
  readonly #setup: RoomSetup;
  readonly #members = new Map<Peer, Member>();
  readonly #recent: RecentBroadcasts;
  #seq = 0;

  constructor(name: string, setup: RoomSetup) {
    this.name = name;
    this.#setup = setup;
    this.far = setup.fleet && new FarMembers(setup.fleet.tally);
    this.#recent = new RecentBroadcasts(setup.kept);
  }

  /** The sequence number of this server's last broadcast; 0 before the first. */
  get seq(): number {
    return this.#seq;
  }

  /** By node, the sequence number of the last broadcast that is known of; undefined without a fleet. */
  get seqs(): Readonly<Record<string, number>> | undefined {
    if (!this.far) return undefined;
    return Object.fromEntries([[this.#setup.node, this.#seq], ...this.far.seqs()]);
  }

  /** How many members there are, on all nodes. */
  get count(): number {
    return this.#members.size + (this.far?.count ?? 0);
  }

  /** The first members, `limit` at most. */
  members(limit: number): { readonly peer: number; readonly name: string }[] {
    const members: { peer: number; name: string; node?: string }[] = [];
    const node = this.far && { node: this.#setup.node };
    for (const [{ id }, { name }] of this.#members) {
      if (members.length === limit) return members;
      members.push({ peer: id, name, ...node });
    }
    for (const member of this.far?.list() ?? []) {
      if (members.length === limit) break;
      members.push(member);
    }
    return members;
  }

  /** What other nodes have to know of this one's part. */
  get standing(): FarRoom {
    const members = [...this.#members].map(([{ id }, { name, quiet }]) => ({
      peer: id,
      name,
      quiet,
    }));
    return { room: this.name, seq: this.#seq, members };
  }

  /** Adds a member who is in no room of this name; everyone hears of it, the newcomer included. */
  join(peer: Peer, name: string, quiet: boolean): Mistake | undefined {
    const { size, fleet } = this.#setup;
    if (this.count >= size)
      return { code: "room-full", error: `a room has at most ${size} members` };
    this.#members.set(peer, { name, quiet });
    if (quiet) fleet?.moved("came", this.name, peer.id, name);
    else this.#broadcast("joined", name, peer);
    return undefined;
  }

  /** Takes a member out; those who stay hear of it. */
  leave(peer: Peer): void {
    const member = this.#members.get(peer);
    if (!member) return;
    this.#members.delete(peer);
    if (member.quiet) this.#setup.fleet?.moved("went", this.name, peer.id, member.name);
    else this.#broadcast("left", member.name, peer);
  }

  /** Tells everyone what a member says; returns its sequence number. */
  say(peer: Peer, text: string): number {
    this.#broadcast("said", this.#members.get(peer)?.name ?? "", peer, text);
    return this.#seq;
  }

  /** Hands a binary message to everyone as it is. */
  relay(data: Buffer): void {
    this.hearBinary(data);
    this.#setup.fleet?.relay(this.name, data);
  }

  /** The broadcasts that are still kept, oldest first, less those a node numbered up to `after`. */
  since(after: (node: string) => number): unknown[] {
    return this.#recent.since(after);
  }

  /** A broadcast of another node. */
  hear(life: string, node: string, message: Broadcast): void {
    const { far } = this;
    const { op, from: name, peer, seq } = message;
    if (op === "joined") far?.add(life, node, { peer, name, quiet: false });
    else if (op === "left") far?.remove(life, peer);
    far?.counted(life, node, seq);
    this.#tell(message, node);
  }

  /** A binary message, of this node or another. */
  hearBinary(data: Buffer): void {
    for (const peer of this.#members.keys()) this.#setup.outlet.send(peer, data, true);
  }

  /** Another node is gone; those who are here hear how many went with it. */
  lose(life: string): void {
    const lost = this.far?.forget(life);
    if (!lost || lost.members === 0) return;
    const { name: room, count } = this;
    const { node, members } = lost;
    const message = { op: "gone", room, node, members, at: Date.now(), count };
    this.#send(Buffer.from(JSON.stringify(message)));
  }

  #broadcast(op: Broadcast["op"], from: string, { id }: Peer, text?: string): void {
    const { node, fleet } = this.#setup;
    const seq = ++this.#seq;
    const said = text === undefined ? {} : { text };
    const message = { op, room: this.name, seq, from, peer: id, at: Date.now(), ...said };
    this.#tell(message, node);
    fleet?.broadcast(message);
  }

  #tell({ op, room, seq, from, peer, at, text }: Broadcast, node: string): void {
    const rest = op === "said" ? { text } : { count: this.count };
    const message = { op, room, seq, from, peer, at, node, ...rest };
    const data = Buffer.from(JSON.stringify(message));
    this.#recent.keep({ node, seq, message, bytes: data.length });
    this.#send(data);
  }

  #send(data: Buffer): void {
    for (const peer of this.#members.keys()) this.#setup.outlet.send(peer, data);
  }
}
