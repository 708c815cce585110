/** Owns the rooms of a chat server: opened by the first who joins, kept a while when all have left. */
import type { Mistake } from "../desk.js";
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
