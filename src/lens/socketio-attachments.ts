/**
 * Owns how the binary messages that follow a Socket.IO packet are joined with it: each takes the
 * place of a `{"_placeholder":true,"num":0}`.
 */
import { longestRead } from "./json-text.js";
import type { Packet } from "./socketio-packet.js";
import { type Plain, isList, isPlainObject, member, plainBytes } from "./plain.js";

/** Packets that announce more are not joined: their attachments are counted and not kept. */
const mostJoined = 1000;

/** What a packet announced and what of it has come. */
export class Attachments {
  /** The packet as titles name it. */
  readonly of: string;
  readonly packet: Packet;
  readonly #data: Plain | undefined;
  readonly #parts: Buffer[] = [];
  #arrived = 0;
  #bytes = 0;

  /**
   * @param of how titles name the packet; short and harmless
   * @param data what the attachments are joined with
   */
  constructor(of: string, packet: Packet, data: Plain | undefined) {
    this.of = of;
    this.packet = packet;
    this.#data = data;
  }

  get announced(): number {
    return this.packet.attachments;
  }

  /** How many are there. */
  get arrived(): number {
    return this.#arrived;
  }

  /** How many are still to come. */
  get missing(): number {
    return this.announced - this.#arrived;
  }

  /** The next binary message. */
  add(data: Buffer): void {
    this.#arrived++;
    this.#bytes += data.length;
    if (this.#joins) this.#parts.push(data);
    else this.#parts.length = 0;
  }

  /** The packet's data with the attachments in it; undefined when there is too much to join. */
  joined(): Plain | undefined {
    return this.#joins && this.#data !== undefined
      ? filled(this.#data, new Map(this.#parts.entries()))
      : undefined;
  }

  get #joins(): boolean {
    return this.announced <= mostJoined && this.#bytes <= longestRead;
  }
}

/** Each part is used up, so that many placeholders cannot make many copies of a large one. */
function filled(value: Plain, parts: Map<number, Buffer>): Plain {
  if (isList(value)) return value.map((item) => filled(item, parts));
  if (!isPlainObject(value)) return value;
  const number = member(value, "num");
  if (member(value, "_placeholder") === true && typeof number === "number") {
    const part = parts.get(number);
    if (!part) return value;
    parts.delete(number);
    return plainBytes(part);
  }
  // Unlike an assignment, this makes a member of a key called __proto__.
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, filled(item, parts)]));
}
