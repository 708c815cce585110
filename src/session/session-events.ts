/**
 * Owns what a Session tells whoever holds it, as plain data: its state, its messages, every frame as
 * it stood on the wire, and how it ended.
 */
import type { WsctlError } from "../base/errors.js";
import type { Upgrade } from "../frame/upgrade.js";

/** `out` is what we sent, `in` what came. */
export type Direction = "in" | "out";

/** Where a session stands. */
export type SessionState = "connecting" | "open" | "closing" | "waiting" | "closed";

/** One whole message; control frames are no messages. */
export interface SessionMessage {
  readonly direction: Direction;
  /** 1, 2, 3 … over both directions and all reconnects. */
  readonly number: number;
  readonly binary: boolean;
  readonly data: Buffer;
  /** Milliseconds since the session began, on the monotonic clock. */
  readonly at: number;
  /**
   * Bytes on the wire of all its frames, headers included; 0, as `frames`, where a broken rule that
   * `ws` lets pass has made the frames impossible to follow.
   */
  readonly wire: number;
  /** How many frames it came in. */
  readonly frames: number;
  /** Whether permessage-deflate packed it; false where it came unseen. */
  readonly compressed: boolean;
}

/** One frame, as it stood on the wire. */
export interface SessionFrame {
  readonly direction: Direction;
  readonly at: number;
  readonly opcode: number;
  readonly fin: boolean;
  /** 4 = RSV1, 2 = RSV2, 1 = RSV3. */
  readonly rsv: number;
  readonly masked: boolean;
  /** Payload bytes on the wire (compressed, where RSV1 says so). */
  readonly length: number;
  /** Header and payload. */
  readonly wire: number;
  /** The payload of a control frame, unmasked; undefined for data frames. */
  readonly control: Buffer | undefined;
}

/** How a connection ended. */
export interface SessionEnd {
  readonly code: number;
  readonly reason: string;
  /** Who sent the first close frame; undefined when nobody did (1006). */
  readonly by: "us" | "them" | undefined;
  /** Whether both close frames were exchanged. */
  readonly clean: boolean;
  /** What broke it, where something did. */
  readonly error: Error | undefined;
}

/** A pause between two connections of one session. */
export interface SessionGap {
  /** 1, 2, 3 … since a connection last held, as the backoff counts. */
  readonly attempt: number;
  /** Milliseconds until the next attempt. */
  readonly delay: number;
}

/** Every event of a session with its arguments. */
export interface SessionEvents {
  state: [state: SessionState];
  /** Opened, for the first time or again. `gap` is how long it was away, in ms. */
  open: [upgrade: Upgrade, gap: number | undefined];
  /** An attempt to open it came to nothing, the first or a later one. */
  failed: [error: Error];
  message: [message: SessionMessage];
  frame: [frame: SessionFrame];
  /** Round trip of one of our pings, in ms. */
  rtt: [ms: number];
  /**
   * Messages come whose frames cannot be followed, since one broke a rule that does not keep them from
   * being read: of this connection no frames are told any more, and of messages no sizes on the wire.
   */
  unseen: [violation: WsctlError];
  /** The connection is gone, and the session goes on; of the last connection, `end` tells. */
  lost: [end: SessionEnd];
  waiting: [gap: SessionGap];
  /** The session is over. */
  end: [end: SessionEnd];
}
