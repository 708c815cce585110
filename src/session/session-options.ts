/** Owns how a Session is to behave, as plain data. */
import type { Backoff } from "../base/backoff.js";
import type { DialOptions } from "../dial/dial.js";
import type { Target } from "../dial/target.js";
import type { MatchSpec } from "../message/matcher.js";

/** A message to be sent. */
export interface Outgoing {
  readonly data: Buffer;
  readonly binary: boolean;
  /** In how many frames; one unless told. */
  readonly fragments?: number | undefined;
}

/** What is offered of permessage-deflate (RFC 7692); undefined offers nothing. */
export interface CompressionOffer {
  readonly serverNoContextTakeover?: boolean | undefined;
  readonly clientNoContextTakeover?: boolean | undefined;
  /** 8–15; true asks without a value. */
  readonly clientMaxWindowBits?: number | true | undefined;
  readonly serverMaxWindowBits?: number | undefined;
}

/** Answers of the session itself, for heartbeats of applications. */
export interface AutoReply {
  readonly match: MatchSpec;
  /** A function makes each answer anew; one that throws ends the connection with its error. */
  readonly send: Outgoing | (() => Outgoing);
}

/** How to behave. */
export interface SessionOptions {
  readonly target: Target;
  /** How to open; `sink` is ignored. */
  readonly dial: DialOptions;
  /** Addresses to leave from, taken in turn by each dial; that of `dial` unless given. */
  readonly localAddresses?: readonly string[] | undefined;
  readonly compression: CompressionOffer | undefined;
  /** Bytes of a message, inflated; larger ones are answered with 1009. */
  readonly maxPayload: number;
  /** Undefined: a lost connection ends the session. */
  readonly reconnect: Backoff | undefined;
  /** Sent first on every connection, again after each reconnect. */
  readonly preamble: readonly Outgoing[];
  /** Milliseconds between our pings; undefined sends none. Unanswered by the next: lost. */
  readonly ping: number | undefined;
  readonly autoReplies: readonly AutoReply[];
}
