/** Owns what was heard on an open WebSocket: messages, control frames and the end, as data. */
import type { CloseStatus } from "../frame/close.js";
import { theirs } from "./their-words.js";

/** One message that came. */
export interface HeardMessage {
  readonly opcode: number;
  /** Inflated where it was compressed; cut off at what may be kept. */
  readonly payload: Buffer;
  /** Milliseconds after the upgrade. */
  readonly at: number;
}

/** How a WebSocket ended; `cut` is the end of TCP without a close frame. */
export type HeardEnd =
  | { readonly kind: "close"; readonly status: CloseStatus; readonly at: number }
  | { readonly kind: "cut"; readonly at: number };

/** What was heard. */
export interface Heard {
  /** The first of them, as many as may be kept. */
  readonly messages: readonly HeardMessage[];
  /** Messages in all. */
  readonly count: number;
  readonly pings: number;
  readonly pongs: number;
  /** Milliseconds from the upgrade to the first frame of any kind. */
  readonly firstAt: number | undefined;
  /** Bytes that came in one read with the 101. */
  readonly glued: number;
  /** Undefined while it is open. */
  readonly ended: HeardEnd | undefined;
  /** Milliseconds for which it was listened to, up to its end. */
  readonly watched: number;
  /** Milliseconds from the upgrade to a ping that was sent while it was watched, and to its answer. */
  readonly pingedAt: number | undefined;
  readonly pongAt: number | undefined;
  /** What of the server's frames breaks RFC 6455, if anything did. */
  readonly violation: string | undefined;
}

/** What was heard up to now: what comes later, such as the answer to a goodbye, is not added to it. */
export function heardSoFar(heard: Heard): Heard {
  const { messages, count, pings, pongs, firstAt, glued, ended, violation } = heard;
  const { watched, pingedAt, pongAt } = heard;
  return {
    messages: [...messages],
    count,
    pings,
    pongs,
    firstAt,
    glued,
    ended,
    violation,
    watched,
    pingedAt,
    pongAt,
  };
}

/** The end in a few words: `closed with 1008 "no"`, `cut`. The reason has the bounds of the server's words. */
export function endOf(ended: HeardEnd, limit?: number): string {
  if (ended.kind === "cut") return "cut without a close frame";
  const { code, reason } = ended.status;
  return reason === "" ? `closed with ${code}` : `closed with ${code} "${theirs(reason, limit)}"`;
}
