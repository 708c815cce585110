/** Owns the form of a broadcast: what all members of a room hear, on whichever node they are. */
import { isJsonObject, type JsonValue } from "../../../message/json.js";
import { isWhole } from "../../backplane-envelope.js";
import { isName, isText } from "./names.js";

/** A broadcast, as its node numbers it; `count` is added where it is heard. */
export interface Broadcast {
  readonly op: "said" | "joined" | "left";
  readonly room: string;
  /** 1, 2, 3 … among the broadcasts of that node in that room. */
  readonly seq: number;
  readonly from: string;
  readonly peer: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Only of what was said. */
  readonly text?: string;
}

/** Somebody in a room, as nodes tell each other. */
export interface FarMember {
  readonly peer: number;
  readonly name: string;
  readonly quiet: boolean;
}

/** A room, as nodes tell each other. */
export interface FarRoom {
  readonly room: string;
  readonly seq: number;
  readonly members: readonly FarMember[];
}

/** The broadcast that another node sent; undefined when it is none. */
export function readBroadcast(op: Broadcast["op"], body: JsonValue): Broadcast | undefined {
  if (!isJsonObject(body)) return undefined;
  const { room, seq, from, peer, at, text } = body;
  if (!isName(room) || !isName(from) || !isWhole(seq) || !isWhole(peer) || !isWhole(at)) {
    return undefined;
  }
  if (op !== "said") return { op, room, seq, from, peer, at };
  return isText(text) ? { op, room, seq, from, peer, at, text } : undefined;
}

/** The rooms that another node told of; undefined when one of them is none. */
export function readRooms(body: JsonValue | undefined): FarRoom[] | undefined {
  if (!Array.isArray(body)) return undefined;
  const rooms = (body as readonly JsonValue[]).map(readRoom);
  return rooms.every((each) => each !== undefined) ? rooms : undefined;
}

function readRoom(body: JsonValue): FarRoom | undefined {
  if (!isJsonObject(body)) return undefined;
  const { room, seq, members } = body;
  if (!isName(room) || !isWhole(seq) || !Array.isArray(members)) return undefined;
  const read = (members as readonly JsonValue[]).map(readMember);
  return read.every((each) => each !== undefined) ? { room, seq, members: read } : undefined;
}

/** Somebody in a room; undefined when it is nobody. */
export function readMember(body: JsonValue | undefined): FarMember | undefined {
  if (!isJsonObject(body)) return undefined;
  const { peer, name, quiet } = body;
  return isWhole(peer) && isName(name) ? { peer, name, quiet: quiet === true } : undefined;
}
