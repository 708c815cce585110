/**
 * Owns what a recording comes to for a server that plays it: what is to be said, what is to be heard
 * before that, and how it ends. All else of a recording is passed over.
 */
import { isValidCloseCode } from "../frame/close.js";
import { Opcode } from "../frame/opcode.js";
import type { CloseLine, GapLine, KnownLine, MessageLine, OtherLine } from "../recording/line.js";
import { payloadOf } from "../recording/payload.js";

/** A message of the server, or a ping. */
interface Said {
  readonly kind: "say" | "ping";
  /** Milliseconds since the recording began, as in all steps. */
  readonly t: number;
  readonly binary: boolean;
  /** Shared by all clients: never written to. */
  readonly payload: Buffer;
  /** Payload bytes of each frame, where there were several and they can be cut so again. */
  readonly frags: readonly number[] | undefined;
}

/** A message of the client. */
export interface HeardStep {
  readonly kind: "hear";
  readonly t: number;
  readonly binary: boolean;
  readonly payload: Buffer;
  /** Whether something of it was redacted, and may have been anything. */
  readonly redacted: boolean;
}

/** The server closes; without a code where it gave none (RFC 6455 §7.1.5). */
interface Closed {
  readonly kind: "close";
  readonly t: number;
  readonly code: number | undefined;
  readonly reason: string;
}

/** The connection was lost. */
interface Cut {
  readonly kind: "cut";
  readonly t: number;
}

/** One thing that happens on a connection. */
export type MockStep = Said | HeardStep | Closed | Cut;

/** Bytes of a close reason (RFC 6455 §5.5.1), and of a ping. */
const longestReason = 123;
const longestPing = 125;

/** What the line comes to; undefined for what a server does not play. */
export function stepOf(line: KnownLine | OtherLine): MockStep | undefined {
  switch (line.k) {
    case "in":
      return said(line as MessageLine);
    case "out":
      return heard(line as MessageLine);
    case "close":
      return closed(line as CloseLine);
    case "gap":
      // Only who has lost a connection opens another.
      return (line as GapLine).why === "reconnect" ? { kind: "cut", t: line.t } : undefined;
    default:
      return undefined;
  }
}

function said(line: MessageLine): Said | undefined {
  const { op, t, rsv1, frags } = line;
  if (op === Opcode.ping) {
    const payload = payloadOf(line);
    if (payload.length > longestPing) return undefined;
    return { kind: "ping", t, binary: true, payload, frags: undefined };
  }
  // Pongs answer what a client of now may not send.
  if (op !== Opcode.text && op !== Opcode.binary) return undefined;
  const payload = payloadOf(line);
  const isCut =
    frags !== undefined &&
    frags.length > 1 &&
    rsv1 === undefined &&
    frags.every((size) => Number.isSafeInteger(size) && size >= 0) &&
    frags.reduce((all, size) => all + size, 0) === payload.length;
  return {
    kind: "say",
    t,
    binary: op === Opcode.binary,
    payload,
    frags: isCut ? frags : undefined,
  };
}

function heard(line: MessageLine): HeardStep | undefined {
  const { op, t, redacted } = line;
  if (op !== Opcode.text && op !== Opcode.binary) return undefined;
  return {
    kind: "hear",
    t,
    binary: op === Opcode.binary,
    payload: payloadOf(line),
    redacted: redacted === true,
  };
}

function closed({ by, code, reason, t }: CloseLine): Closed | Cut | undefined {
  if (by !== "server") return undefined;
  if (code === 1006) return { kind: "cut", t };
  const isSent = isValidCloseCode(code);
  return {
    kind: "close",
    t,
    code: isSent ? code : undefined,
    reason: isSent ? cutToBytes(reason, longestReason) : "",
  };
}

/** The text, cut where a character would reach beyond so many bytes of UTF-8. */
function cutToBytes(text: string, most: number): string {
  if (Buffer.byteLength(text) <= most) return text;
  const kept = Buffer.from(text).subarray(0, most).toString("utf8");
  return kept.replace(/\ufffd+$/, "");
}
