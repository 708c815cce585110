/**
 * Owns the place where something may act on what passes: whole messages and control frames of one
 * direction, each judged before it goes on. Without an Interference bytes go on as they come.
 */
import type { Direction } from "../session/session-events.js";
import type { Deflate } from "./deflate.js";

/** A whole message, or a control frame, that waits for its judgement. */
export interface Passing {
  readonly direction: Direction;
  /** 1 text, 2 binary, 8 close, 9 ping, 10 pong. */
  readonly opcode: number;
  /**
   * Its frames as they came, headers and masks included, in pieces; control frames between its
   * fragments are left out. Not to be changed.
   */
  readonly bytes: readonly Buffer[];
  /** Unmasked and inflated; good until `judge` returns, unless copied. */
  readonly payload: Buffer;
  /** Whether it was compressed on the wire. */
  readonly compressed: boolean;
  readonly frames: number;
}

/** What was said in the place of a message. */
export interface Instead {
  /** 1 text, 2 binary, 8 close, 9 ping, 10 pong. */
  readonly opcode: number;
  /** Neither masked nor compressed. */
  readonly payload: Buffer;
}

/** What is to become of it. */
export interface Verdict {
  /**
   * Whole frames to send in its place, masked where the client speaks; empty drops it, undefined
   * lets it go on as it came.
   */
  readonly bytes?: Buffer | undefined;
  /** Milliseconds that it waits first; what follows in its direction waits behind it. */
  readonly delay?: number | undefined;
  /** Whether nothing may go on behind it in that direction, as behind a close frame. */
  readonly isLast?: boolean | undefined;
  /** What was done to it, in a few words: told as a note, and marked in the recording. */
  readonly note?: string | undefined;
  /** What the receiver gets, where it is not what was said: told and marked with the note. */
  readonly instead?: Instead | undefined;
}

/** Acts on one direction of one connection. */
export interface Interference {
  /**
   * Judges the next message or control frame, in the order in which they are whole; undefined lets
   * it go on as it came. A control frame between fragments is judged before its message is. What
   * this throws ends the connection.
   */
  judge(passing: Passing): Verdict | undefined;
  /**
   * Whether the receiver could not follow what passes unjudged, as when the history of its inflater
   * is no longer the sender's. Read when something cannot be judged: a message over the bound,
   * one that cannot be inflated, a stream that breaks the protocol. True then cuts the connection;
   * false lets the bytes go on.
   */
  readonly committed: boolean;
}

/** What is known of a connection when its upgrade was agreed to. */
export interface OpenFacts {
  readonly connection: number;
  /** Where it leads: scheme, host and path, without query and credentials. */
  readonly target: string;
  /** Path that the client asked for, without its query. */
  readonly path: string;
  readonly subprotocol: string | undefined;
  /** What was agreed of permessage-deflate; undefined for no compression. */
  readonly deflate: Deflate | undefined;
}

/** What acts on the two directions of a connection; a direction without one is left alone. */
export interface Interferences {
  /** From the server to the client. */
  readonly in?: Interference | undefined;
  /** From the client to the server. */
  readonly out?: Interference | undefined;
}

/** Chooses what acts on a connection, once its upgrade was agreed to; undefined: nothing. */
export type Interfere = (facts: OpenFacts) => Interferences | undefined;
