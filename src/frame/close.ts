/** Owns close codes and the payload of close frames (RFC 6455 §5.5.1 and §7.4, IANA registry). */

import { WsctlError } from "../base/errors.js";
import { isValidUtf8 } from "./utf8.js";
import { violations } from "./violation.js";

/** One code of the IANA registry of WebSocket close codes. */
export interface CloseCode {
  readonly code: number;
  /** Such as `Going Away`. */
  readonly name: string;
  /** What the sender says by it. */
  readonly meaning: string;
  /** Whether it may stand in a close frame; the others are only reported locally. */
  readonly onWire: boolean;
}

function sent(code: number, name: string, meaning: string): CloseCode {
  return { code, name, meaning, onWire: true };
}

function local(code: number, name: string, meaning: string): CloseCode {
  return { code, name, meaning, onWire: false };
}

/** The close codes 1000–1015, in order. */
export const closeCodes: readonly CloseCode[] = [
  sent(1000, "Normal Closure", "the connection has served its purpose"),
  sent(1001, "Going Away", "the server shuts down, or the page was left"),
  sent(1002, "Protocol Error", "the other side broke the protocol"),
  sent(1003, "Unsupported Data", "a type of data came that the receiver can not accept"),
  local(1004, "Reserved", "has no meaning yet"),
  local(1005, "No Status Received", "the close frame carried no code"),
  local(1006, "Abnormal Closure", "the connection ended without a close frame"),
  sent(1007, "Invalid Payload Data", "data did not fit its type, such as text that is not UTF-8"),
  sent(1008, "Policy Violation", "a message broke the receiver's policy"),
  sent(1009, "Message Too Big", "a message was larger than the receiver can process"),
  sent(1010, "Mandatory Extension", "the client needs an extension that the server did not accept"),
  sent(1011, "Internal Error", "the server met a condition that it did not expect"),
  sent(1012, "Service Restart", "the server restarts; reconnect after a random delay"),
  sent(1013, "Try Again Later", "the server is overloaded; reconnect later or elsewhere"),
  sent(1014, "Bad Gateway", "a gateway got an invalid response from the server behind it"),
  local(1015, "TLS Handshake", "the TLS handshake failed"),
];

const byCode = new Map(closeCodes.map((entry) => [entry.code, entry]));

/** Whether the code may stand in a close frame (RFC 6455 §7.4, IANA registry). */
export function isValidCloseCode(code: number): boolean {
  if (!Number.isInteger(code)) return false;
  if (code >= 3000 && code <= 4999) return true;
  return byCode.get(code)?.onWire ?? false;
}

/** What a code without an entry of its own stands for, by its range (RFC 6455 §7.4.2). */
function describeRange(code: number): string {
  if (code >= 1000 && code <= 2999) return "reserved for the protocol and its extensions";
  if (code >= 3000 && code <= 3999) return "registered: a library, framework or application";
  if (code >= 4000 && code <= 4999) return "private use: ask the application";
  return "not a close code";
}

/** What a close code stands for, such as `Going Away: the server shuts down, or …`. */
export function describeCloseCode(code: number): string {
  const known = byCode.get(code);
  return known === undefined ? describeRange(code) : `${known.name}: ${known.meaning}`;
}

/** What a close frame says. */
export interface CloseStatus {
  /** 1005 when the frame carried none (RFC 6455 §7.1.5). */
  readonly code: number;
  /** Text of the other side: unsafe for a terminal as it is. */
  readonly reason: string;
}

function unsendable(message: string, hint: string): WsctlError {
  return new WsctlError("WSCTL_EPROTOCOL", message, { hint, where: ["RFC 6455 §5.5.1"] });
}

/**
 * The payload of a close frame that keeps the rules; empty without a code. Half a surrogate pair
 * in the reason becomes U+FFFD.
 *
 * @param reason at most 123 bytes of UTF-8
 * @throws WsctlError WSCTL_EPROTOCOL for a code that must not be sent, a reason without a code, or
 *   a reason that is too long
 */
export function encodeClosePayload(code?: number, reason = ""): Buffer {
  if (code === undefined) {
    if (reason === "") return Buffer.alloc(0);
    throw unsendable("a close reason needs a close code", "give a code, such as 1000");
  }
  if (!isValidCloseCode(code)) {
    const message = `close code ${code} must not be sent (${describeCloseCode(code)})`;
    throw unsendable(message, "1000 is a normal close; 3000–4999 are for applications");
  }
  const size = 2 + Buffer.byteLength(reason);
  if (size > 125) {
    const message = `the close reason has ${size - 2} bytes: a close frame holds 123`;
    throw unsendable(message, "shorten the reason");
  }
  const payload = Buffer.alloc(size);
  payload.writeUInt16BE(code, 0);
  payload.write(reason, 2);
  return payload;
}

/**
 * What the close frame with the payload `buf[start, end)` says.
 *
 * @throws ProtocolViolation for a payload of one byte, a code that must not be sent (both 1002), or
 *   a reason that is not UTF-8 (1007)
 */
export function parseClosePayload(buf: Buffer, start: number, end: number): CloseStatus {
  if (start === end) return { code: 1005, reason: "" };
  if (end - start === 1) throw violations.halfCloseCode();
  const code = buf.readUInt16BE(start);
  if (!isValidCloseCode(code)) throw violations.closeCode(code, describeCloseCode(code));
  if (!isValidUtf8(buf, start + 2, end)) throw violations.invalidReason();
  return { code, reason: buf.toString("utf8", start + 2, end) };
}
