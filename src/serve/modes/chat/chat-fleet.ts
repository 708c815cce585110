/**
 * Owns chat as one of several nodes: what is said in a room here goes to the other nodes, what is
 * said there to the members who are here.
 */
import { isJsonObject, member } from "../../../message/json.js";
import { Backplane } from "../../backplane.js";
import type { FleetMember, FleetSetup } from "../../backplane-fleet.js";
import type { Envelope } from "../../backplane-envelope.js";
import { isMistake } from "../desk.js";
import { type Broadcast, type FarRoom, readBroadcast, readMember, readRooms } from "./broadcast.js";
import type { FarTally } from "./far-members.js";
import { isName } from "./names.js";
import type { RoomFleet } from "./room.js";
import type { Rooms } from "./rooms.js";

/** So many members and rooms are told of at once. */
const toldAtOnce = 200;

/** The other nodes, as the rooms see them. */
export class ChatFleet implements RoomFleet, FleetMember {
  readonly tally: FarTally = { known: 0 };
  readonly backplane: Backplane;
  readonly #rooms: () => Rooms;

  /** @param rooms the rooms of this node, once they are there */
  constructor(setup: FleetSetup, node: string, rooms: () => Rooms) {
    this.backplane = new Backplane(setup, "chat", node, this);
    this.#rooms = rooms;
  }

  broadcast({ op, ...body }: Broadcast): void {
    this.backplane.publish(op, body);
  }

  relay(room: string, payload: Buffer): void {
    this.backplane.publish("binary", { room }, { payload });
  }

  moved(kind: "came" | "went", room: string, peer: number, name: string): void {
    this.backplane.inform(kind, { room, peer, name, quiet: true });
  }

  take(message: Envelope): boolean {
    switch (message.kind) {
      case "said":
      case "joined":
      case "left":
        return this.#hear(message, readBroadcast(message.kind, message.body));
      case "came":
      case "went":
        return this.#takeMoved(message);
      case "binary":
        return this.#takeBinary(message);
      case "rooms":
        return this.#takeStanding(message);
      default:
        return false;
    }
  }

  *standing(): Iterable<readonly [kind: string, body: unknown]> {
    let [first, told] = [true, 0];
    let rooms: FarRoom[] = [];
    for (const { room, seq, members } of this.#rooms().standing()) {
      // A room with many members comes in several parts.
      for (let at = 0; at === 0 || at < members.length; at += toldAtOnce) {
        const some = members.slice(at, at + toldAtOnce);
        rooms.push({ room, seq, members: some });
        told += 1 + some.length;
        if (told < toldAtOnce) continue;
        yield ["rooms", { first, rooms }];
        [first, told, rooms] = [false, 0, []];
      }
    }
    if (first || rooms.length > 0) yield ["rooms", { first, rooms }];
  }

  gone(life: string): void {
    this.#rooms().lose(life);
  }

  #hear({ life, node }: Envelope, message: Broadcast | undefined): boolean {
    const room = message && this.#rooms().open(message.room);
    if (!message || !room || isMistake(room)) return false;
    room.hear(life, node, message);
    return true;
  }

  #takeMoved({ life, node, kind, body }: Envelope): boolean {
    const name = member(body, "room");
    const somebody = readMember(body);
    const room = somebody && isName(name) ? this.#rooms().open(name) : undefined;
    if (!somebody || !room || isMistake(room)) return false;
    if (kind === "came") room.far?.add(life, node, somebody);
    else room.far?.remove(life, somebody.peer);
    return true;
  }

  #takeBinary({ body, payload }: Envelope): boolean {
    const name = member(body, "room");
    if (!payload || !isName(name)) return false;
    const room = this.#rooms().known(name);
    room?.hearBinary(payload);
    return true;
  }

  #takeStanding({ life, node, body }: Envelope): boolean {
    const rooms = isJsonObject(body) ? readRooms(body["rooms"]) : undefined;
    if (!rooms) return false;
    if (member(body, "first") === true) this.#rooms().forget(life);
    for (const { room: name, seq, members } of rooms) {
      const room = this.#rooms().open(name);
      if (isMistake(room)) return false;
      room.far?.counted(life, node, seq);
      for (const each of members) room.far?.add(life, node, each);
    }
    return true;
  }
}
