/**
 * Owns the packets of Socket.IO, protocol version 5, as they stand in a text message behind the 4
 * of Engine.IO: type, attachments, namespace, acknowledgement id, JSON. Protocol version 4 of
 * Engine.IO is what surrounds them.
 */
import { jsonOf } from "./json-text.js";
import type { Plain } from "./plain.js";

/** The types of packets; the index is the digit on the wire. */
const packetTypes = [
  "connect",
  "disconnect",
  "event",
  "ack",
  "connect_error",
  "binary event",
  "binary ack",
] as const;

/** One packet. */
export interface Packet {
  /** A binary event is an event with attachments. */
  readonly type: "connect" | "disconnect" | "event" | "ack" | "connect_error";
  /** How many binary messages follow that belong to it. */
  readonly attachments: number;
  /** `/` is the main one. */
  readonly namespace: string;
  /** Of the acknowledgement that is asked for or given. */
  readonly id: number | undefined;
  readonly data: Plain | undefined;
  /** The same as it was written; empty for none. */
  readonly json: string;
}

/** The packet, or why it is none, in a few words. */
export function packetOf(text: string): Packet | string {
  const type = packetTypes[text.charCodeAt(0) - 0x30];
  if (type === undefined) return "no such packet type";
  let at = 1;
  /** The digits from here on; undefined when there are none. */
  const digits = (): number | undefined => {
    const from = at;
    while (/^\d$/.test(text.charAt(at))) at++;
    return at === from ? undefined : Number(text.slice(from, at));
  };
  let attachments = 0;
  const isBinary = type === "binary event" || type === "binary ack";
  if (isBinary) {
    const count = digits();
    if (count === undefined || text[at] !== "-") return "no number of attachments";
    if (!Number.isSafeInteger(count)) return "too many attachments";
    attachments = count;
    at++;
  }
  let namespace = "/";
  if (text[at] === "/") {
    const comma = text.indexOf(",", at);
    namespace = text.slice(at, comma < 0 ? undefined : comma);
    at = comma < 0 ? text.length : comma + 1;
  }
  const id = digits();
  if (id !== undefined && !Number.isSafeInteger(id)) return "an id beyond all numbers";
  const rest = text.slice(at);
  const data = rest === "" ? undefined : jsonOf(rest);
  if (rest !== "" && data === undefined) return "its data is not JSON";
  const plainType = type === "binary event" ? "event" : type === "binary ack" ? "ack" : type;
  return { type: plainType, attachments, namespace, id, data, json: rest };
}
