/**
 * Owns what a recording consists of: one header, then a line for each thing that happened, in the
 * order in which it happened. Plain data; how it stands in a file is for `parse-line` and
 * `write-line`.
 */
import type { Header } from "../frame/upgrade.js";

/** The version of the format that is written, and the only one that is read. */
export const formatVersion = 1;

/** Fields and kinds of later versions, kept by every tool that rewrites a file. */
interface Unknown {
  readonly [field: string]: unknown;
}

/** The first line. */
export interface RecordingHeader extends Unknown {
  readonly wsrec: typeof formatVersion;
  /** Where the recording was made, without secrets; empty where nobody knows. */
  readonly url: string;
  /** ISO 8601, of the moment at which `t` is 0. */
  readonly startedAt: string;
  /** Such as `wsctl/0.1.0`. */
  readonly tool: string;
  /** What was redacted, by name: headers, parameters of URLs, patterns. */
  readonly redacted: readonly string[];
}

/** What every line after the first has. */
interface Timed extends Unknown {
  /** Milliseconds since `startedAt`, on the monotonic clock. */
  readonly t: number;
}

/** A connection was opened, or its opening was refused. */
export interface UpgradeLine extends Timed {
  readonly k: "upgrade";
  readonly status: number;
  /** The path and query that was asked for, without secrets. */
  readonly target?: string | undefined;
  readonly request: readonly Header[];
  readonly response: readonly Header[];
  /** Milliseconds of each phase, where known. */
  readonly phases?: Readonly<Record<string, number>> | undefined;
}

/** A message, or a ping or pong; `out` is what the client sent, `in` what the server sent. */
export interface MessageLine extends Timed {
  readonly k: "in" | "out";
  /** 1 text, 2 binary, 9 ping, 10 pong. */
  readonly op: number;
  /** The payload as text, inflated; just one of `data` and `b64` is there. */
  readonly data?: string | undefined;
  /** The payload in base64: all that is not op 1 with valid UTF-8. */
  readonly b64?: string | undefined;
  /** Bytes on the wire, headers included; absent where they follow from the payload sent as one
   * unpacked frame, and of a redacted text, of which they would tell how long its secrets are. */
  readonly wire?: number | undefined;
  /** Payload bytes of each frame on the wire, where there was more than one; not of a redacted text. */
  readonly frags?: readonly number[] | undefined;
  /** Whether it was compressed on the wire. */
  readonly rsv1?: true | undefined;
  /** Whether something of the payload was redacted. */
  readonly redacted?: true | undefined;
}

/** Something is missing here. */
export interface GapLine extends Timed {
  readonly k: "gap";
  /** `reconnect`; `disk`: it was full or slow; `broken`: the stream broke the protocol; `frames unseen`: it did,
   * and messages go on to be read, without pings and sizes on the wire; `too large`, `far too large`,
   * `not deflate`, `history lost`: a message that could not be kept or read. */
  readonly why: string;
  /** Messages that are not recorded. */
  readonly missed?: number | undefined;
  /** Of a reconnect: 1, 2, 3 … */
  readonly attempt?: number | undefined;
  /** Milliseconds that it lasted. */
  readonly lasted?: number | undefined;
}

/** Somebody noted something. */
export interface MarkLine extends Timed {
  readonly k: "mark";
  readonly text: string;
  /** Where something else went on in a message's place: what, 1 text, 2 binary, 8 close, 9 ping, 10 pong;
   * with just one of `data` and `b64`, as in the line of a message. */
  readonly op?: number | undefined;
  readonly data?: string | undefined;
  readonly b64?: string | undefined;
  /** Whether something of that payload was redacted. */
  readonly redacted?: true | undefined;
}

/** A close frame, or the end without one (code 1006). */
export interface CloseLine extends Timed {
  readonly k: "close";
  readonly by: "client" | "server" | "nobody";
  readonly code: number;
  readonly reason: string;
}

/** The recording was ended in good order. */
export interface EndLine extends Timed {
  readonly k: "end";
  /** Data messages each way that are in the file. */
  readonly in: number;
  readonly out: number;
}

/** A line of a kind that this version does not know. */
export interface OtherLine extends Timed {
  readonly k: string;
}

/** A line of a kind that this version knows. */
export type KnownLine = UpgradeLine | MessageLine | GapLine | MarkLine | CloseLine | EndLine;
