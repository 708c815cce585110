/**
 * Owns the mode chat: rooms whose members hear each other, in JSON, one object a message.
 *
 * What a client says; `id` (a number or a text) is optional everywhere and comes back in the reply:
 *
 *     {"op":"join","room":"lobby","name":"ada"}      name: guest-N unless given; "quiet":true: nobody is told
 *     {"op":"say","text":"hello"}                    "room" unless it is the one joined last
 *     {"op":"presence"}                              who is there
 *     {"op":"history","after":17}                    what was said after that seq, as far as it is kept
 *     {"op":"leave"}
 *
 * What it hears in reply; without an id only mistakes, presence and history are answered:
 *
 *     {"op":"ok","id":1,"re":"join","node":"node-1","peer":4,"room":"lobby","seq":17,"count":2,"members":[…]}
 *     {"op":"error","id":1,"re":"say","code":"not-joined","error":"join a room first"}
 *     {"op":"presence","id":1,"re":"presence","room":"lobby","seq":17,"count":2,"members":[{"peer":4,"name":"ada"},…]}
 *     {"op":"history","id":1,"re":"history","room":"lobby","seq":17,"messages":[…]}
 *
 * What all members of a room hear, the sender too; `seq` counts them per room without a gap:
 *
 *     {"op":"said","room":"lobby","seq":18,"from":"ada","peer":4,"at":1767225600000,"node":"node-1","text":"hello"}
 *     {"op":"joined","room":"lobby","seq":19,"from":"bob","peer":5,"at":…,"node":"node-1","count":2}
 *     {"op":"left","room":"lobby","seq":20,"from":"bob","peer":5,"at":…,"node":"node-1","count":1}
 *
 * A binary message goes as it is, without a seq, to all members of the room its sender joined last.
 * A client that reads too slowly misses messages: it sees a gap in seq, and can ask for history.
 *
 * In a fleet, members are on several nodes, and `seq` counts what `node` broadcast in the room: each
 * node's numbers come in order and without a gap. A join then tells with `seqs` where each node
 * stands, members have a `node` too, and `after` may be such an object:
 *
 *     {"op":"history","after":{"node-1":17,"node-2":4}}
 *     {"op":"gone","room":"lobby","node":"node-2","members":12,"at":…,"count":3}   a node was lost
 */
import { parseCount } from "../../base/quantity.js";
import { isJsonObject, member, type JsonValue } from "../../message/json.js";
import type { BackplaneStats } from "../backplane-fleet.js";
import { fleetFlags } from "../backplane-place.js";
import { isWhole } from "../backplane-envelope.js";
import type { Mode, ModeKind, ModeSetup } from "../mode.js";
import { Outlet } from "../outlet.js";
import type { Peer } from "../peer.js";
import { ChatFleet } from "./chat/chat-fleet.js";
import { isName, isText, longestName, longestText } from "./chat/names.js";
import { Rooms } from "./chat/rooms.js";
import type { Room } from "./chat/room.js";
import { Desk, isMistake, type Handler, type Mistake, type Outcome } from "./desk.js";

const roomsPerClient = 32;
/** So many members are told; a room may have thousands of members. */
const membersTold = 200;
/** Bytes of a message in JSON or in binary, and bytes that may wait for one client. */
const largestMessage = 64 * 1024;
const backlog = 8 * 1024 ** 2;

/** One client and the rooms it is in; the last is the one it joined last. */
interface Client {
  readonly peer: Peer;
  readonly rooms: Map<string, Room>;
}

/** Rooms in which clients hear each other. */
export const chat: ModeKind = {
  summary: "rooms whose members hear each other, with sequence numbers and presence (JSON)",
  flags: [
    { flag: "--room-size <count>", summary: "members of a room", default: "10000" },
    { flag: "--history <count>", summary: "messages kept per room", default: "100" },
    ...fleetFlags,
  ],
  page: true,
  needsFleet: true,
  create: (setup) => new Chat(setup),
};

class Chat implements Mode {
  readonly #outlet = new Outlet(backlog);
  readonly #rooms: Rooms;
  readonly #desk: Desk<Client>;
  readonly #node: string;
  readonly #fleet: ChatFleet | undefined;

  constructor({ values, node, fleet: setup }: ModeSetup) {
    this.#node = node;
    const kept = values.read("history", parseCount) ?? 100;
    const size = values.read("room-size", parseCount) ?? 10_000;
    const fleet = setup && new ChatFleet(setup, node, () => this.#rooms);
    this.#fleet = fleet;
    this.#rooms = new Rooms({ outlet: this.#outlet, node, kept, size, fleet });
    const handlers: ReadonlyMap<string, Handler<Client>> = new Map([
      ["join", (client, request) => this.#join(client, request)],
      ["leave", inRoom((room, client) => leave(client, room))],
      ["say", inRoom(say)],
      ["presence", inRoom((room) => ({ op: "presence", ...presence(room) }))],
      ["history", inRoom((room, _client, request) => history(room, request, node))],
    ]);
    this.#desk = new Desk(handlers, { outlet: this.#outlet, largest: largestMessage });
  }

  async start(): Promise<void> {
    await this.#fleet?.backplane.start();
  }

  async close(): Promise<void> {
    await this.#fleet?.backplane.close();
  }

  backplane(): BackplaneStats | undefined {
    return this.#fleet?.backplane.stats();
  }

  accept(peer: Peer): void {
    const client: Client = { peer, rooms: new Map() };
    peer.onMessage = (data, isBinary) => {
      if (isBinary) this.#relay(client, data);
      else this.#desk.serve(peer, client, data);
    };
    peer.onClose(() => {
      for (const room of client.rooms.values()) room.leave(peer);
    });
  }

  stats(): Readonly<Record<string, number>> {
    return { rooms: this.#rooms.size, skipped: this.#outlet.skipped };
  }

  #join({ peer, rooms }: Client, request: JsonValue): Outcome {
    const name = readName(request, "room");
    if (isMistake(name)) return name;
    const from =
      member(request, "name") === undefined ? `guest-${peer.id}` : readName(request, "name");
    if (isMistake(from)) return from;
    if (rooms.has(name)) return { code: "already-joined", error: "leave the room first" };
    if (rooms.size >= roomsPerClient) {
      return { code: "too-many-rooms", error: `a client is in at most ${roomsPerClient} rooms` };
    }
    const room = this.#rooms.open(name);
    if (isMistake(room)) return room;
    const mistake = room.join(peer, from, member(request, "quiet") === true);
    if (mistake) return mistake;
    rooms.set(name, room);
    return { node: this.#node, peer: peer.id, ...presence(room) };
  }

  #relay({ peer, rooms }: Client, data: Buffer): void {
    const room = lastOf(rooms);
    if (room && data.length <= largestMessage) return room.relay(data);
    const mistake: Mistake = room
      ? { code: "too-large", error: `a message has at most ${largestMessage} bytes` }
      : notJoined;
    this.#outlet.sendJson(peer, { op: "error", re: "binary", ...mistake });
  }
}

const notJoined: Mistake = { code: "not-joined", error: "join a room first" };

/** A handler for requests about a room that the client is in: the one named, or the last. */
function inRoom(
  handle: (room: Room, client: Client, request: JsonValue) => Outcome,
): Handler<Client> {
  return (client, request) => {
    const name = member(request, "room");
    const room = typeof name === "string" ? client.rooms.get(name) : lastOf(client.rooms);
    if (name !== undefined && typeof name !== "string") return readName(request, "room") as Mistake;
    return room ? handle(room, client, request) : notJoined;
  };
}

function leave({ peer, rooms }: Client, room: Room): Outcome {
  rooms.delete(room.name);
  room.leave(peer);
  return { room: room.name };
}

function say(room: Room, { peer }: Client, request: JsonValue): Outcome {
  const text = member(request, "text");
  if (!isText(text)) {
    return { code: "bad-request", error: `text is a text of at most ${longestText} characters` };
  }
  return { room: room.name, seq: room.say(peer, text) };
}

function history(room: Room, request: JsonValue, node: string): Outcome {
  const after = afterOf(member(request, "after"), node);
  if (!after) return { code: "bad-request", error: "after is a seq, or seqs by node" };
  const { name, seq, seqs } = room;
  return { op: "history", room: name, seq, seqs, messages: room.since(after) };
}

/** A number is of this node; of nodes that are not named, nothing was heard. */
function afterOf(after: JsonValue = 0, own: string): ((node: string) => number) | undefined {
  if (typeof after === "number") return (node) => (node === own ? after : 0);
  if (!isJsonObject(after)) return undefined;
  const seqs = new Map(Object.entries(after));
  if (![...seqs.values()].every(isWhole)) return undefined;
  return (node) => Number(seqs.get(node) ?? 0);
}

function presence(room: Room): Readonly<Record<string, unknown>> {
  const { name, seq, seqs, count } = room;
  return { room: name, seq, seqs, count, members: room.members(membersTold) };
}

function lastOf(rooms: ReadonlyMap<string, Room>): Room | undefined {
  let last: Room | undefined;
  for (const room of rooms.values()) last = room;
  return last;
}

function readName(request: JsonValue, key: "room" | "name"): string | Mistake {
  const name = member(request, key);
  if (isName(name)) return name;
  const error = `${key} is a text of 1 to ${longestName} characters, none of them a control character`;
  return { code: "bad-request", error };
}
