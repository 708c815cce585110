/** Owns the payload of a message line: its bytes and their number. */
import { frameSize } from "../frame/encode.js";
import type { MessageLine } from "./line.js";

/** Where a payload stands: in the line of a message, or of a mark that keeps one. */
type Kept = Pick<MessageLine, "data" | "b64">;

/** The bytes of a message as they were before it was compressed. */
export function payloadOf({ data, b64 = "" }: Kept): Buffer {
  return data === undefined ? Buffer.from(b64, "base64") : Buffer.from(data, "utf8");
}

/** How many bytes that would be; nothing is decoded to know it. */
export function payloadLength({ data, b64 = "" }: Kept): number {
  return Buffer.byteLength(data ?? b64, data === undefined ? "base64" : "utf8");
}

/**
 * What the message takes on the wire in bytes where its line does not say it: a single frame that is
 * not compressed, masked when it is the client's (RFC 6455 §5.2).
 */
export function plainWire(direction: "in" | "out", length: number): number {
  return frameSize(length, direction === "out");
}
