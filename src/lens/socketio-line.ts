/** Owns how packets of Socket.IO stand on one line for programs. */
import { oneLine } from "./json-text.js";
import { type Plain, isList } from "./plain.js";
import type { Packet } from "./socketio-packet.js";

/**
 * An event as `["NAME", …]`, an acknowledgement as `{"ack":ID,"args":[…]}`, numbers as they were
 * written.
 * @param args what it carries with its attachments, where those have been joined; undefined leaves
 *   it as it was written
 */
export function packetLine({ type, id, data, json }: Packet, args?: Plain): string {
  if (type === "ack") {
    return `{"ack":${id},"args":${args === undefined ? oneLine(json) : JSON.stringify(args)}}`;
  }
  if (!isList(args)) return oneLine(json);
  return JSON.stringify([isList(data) ? data[0] : null, ...args]);
}
