/** Owns the rooms of a chat server: opened by the first who joins, kept a while when all have left. */
import type { Mistake } from "../desk.js";
import type { FarRoom } from "./broadcast.js";
import { Room, type RoomSetup } from "./room.js";

/** Rooms of a server. Their names come from clients. */
const mostRooms = 1000;

/** All rooms. */
export class Rooms {
  readonly #setup: RoomSetup;
  readonly #rooms = new Map<string, Room>();

  constructor(setup: RoomSetup) {
    this.#setup = setup;
  }

  /** How many there are, empty ones included. */
  get size(): number {
    return this.#rooms.size;
  }

  /** The room of that name, if it is open. */
  known(name: string): Room | undefined {
    return this.#rooms.get(name);
  }

  /** What other nodes have to know. */
  *standing(): Iterable<FarRoom> {
    for (const room of this.#rooms.values()) {
      const { standing } = room;
      if (standing.seq > 0 || standing.members.length > 0) yield standing;
    }
  }

  /** Another node is gone. */
  lose(life: string): void {
    for (const room of this.#rooms.values()) room.lose(life);
  }

  /** Another node tells anew who is there. */
  forget(life: string): void {
    for (const { far } of this.#rooms.values()) far?.forget(life);
  }

  /**
   * The room of that name. Empty rooms keep their sequence and history, for clients that come back;
   * the oldest of them makes place when there are too many.
   */
  open(name: string): Room | Mistake {
    const known = this.#rooms.get(name);
    if (known) return known;
    if (this.#rooms.size >= mostRooms && !this.#forgetOne()) {
      return { code: "too-many-rooms", error: `the server has at most ${mostRooms} rooms` };
    }
    const room = new Room(name, this.#setup);
    this.#rooms.set(name, room);
    return room;
  }

  #forgetOne(): boolean {
    for (const [name, { count }] of this.#rooms) if (count === 0) return this.#rooms.delete(name);
    return false;
  }
}
