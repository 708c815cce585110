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
 */
import { parseCount } from "../../base/quantity.js";
import { safeText } from "../../base/safe-text.js";
import { member, type JsonValue } from "../../message/json.js";
import type { Mode, ModeKind, ModeSetup } from "../mode.js";
import { Outlet } from "../outlet.js";
import type { Peer } from "../peer.js";
import { Rooms } from "./chat/rooms.js";
import type { Room } from "./chat/room.js";
import { Desk, isMistake, type Handler, type Mistake, type Outcome } from "./desk.js";

const longestName = 64;
const longestText = 16 * 1024;
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
  ],
  page: true,
  needsOneProcess: true,
  create: (setup) => new Chat(setup),
};

class Chat implements Mode {
  readonly #outlet = new Outlet(backlog);
  readonly #rooms: Rooms;
  readonly #desk: Desk<Client>;
  readonly #node: string;

  constructor({ values, node }: ModeSetup) {
    this.#node = node;
    const kept = values.read("history", parseCount) ?? 100;
    const size = values.read("room-size", parseCount) ?? 10_000;
    this.#rooms = new Rooms({ outlet: this.#outlet, node, kept, size });
    const handlers: ReadonlyMap<string, Handler<Client>> = new Map([
      ["join", (client, request) => this.#join(client, request)],
      ["leave", inRoom((room, client) => leave(client, room))],
      ["say", inRoom(say)],
      ["presence", inRoom((room) => ({ op: "presence", ...presence(room) }))],
      ["history", inRoom(history)],
    ]);
    this.#desk = new Desk(handlers, { outlet: this.#outlet, largest: largestMessage });
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
  if (typeof text !== "string" || text.length > longestText) {
    return { code: "bad-request", error: `text is a text of at most ${longestText} characters` };
  }
  return { room: room.name, seq: room.say(peer, text) };
}

function history(room: Room, _client: Client, request: JsonValue): Outcome {
  const after = member(request, "after") ?? 0;
  if (typeof after !== "number") return { code: "bad-request", error: "after is a seq" };
  return { op: "history", room: room.name, seq: room.seq, messages: room.since(after) };
}

function presence(room: Room): Readonly<Record<string, unknown>> {
  const { name, seq, count } = room;
  return { room: name, seq, count, members: room.members(membersTold) };
}

function lastOf(rooms: ReadonlyMap<string, Room>): Room | undefined {
  let last: Room | undefined;
  for (const room of rooms.values()) last = room;
  return last;
}

function readName(request: JsonValue, key: "room" | "name"): string | Mistake {
  const name = member(request, key);
  const valid = typeof name === "string" && name !== "" && name.length <= longestName;
  if (valid && safeText(name) === name && !/[\n\t]/.test(name)) return name;
  const error = `${key} is a text of 1 to ${longestName} characters, none of them a control character`;
  return { code: "bad-request", error };
}
