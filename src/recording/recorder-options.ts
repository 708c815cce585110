/** Owns what a recorder is given, what it begins with, and what it tells. */
import type { WsctlError } from "../base/errors.js";
import type { Header } from "../frame/upgrade.js";
import type { Fsync } from "./append-file.js";
import type { Disk } from "./disk.js";
import type { Redactor } from "./redactor.js";
import type { MessageFacts } from "./write-line.js";

/** How to record. */
export interface RecorderOptions {
  /** Of a file that is not there yet, unless `append`. */
  readonly path: string;
  /** Where the connection leads; its secrets are taken out. */
  readonly url: string;
  /** Such as `wsctl/0.1.0`. */
  readonly tool: string;
  readonly startedAt: Date;
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number;
  /** What is promised of a crash of the machine; `1s` unless told. */
  readonly fsync?: Fsync | undefined;
  /** Knows what to hide; one that hides what always is unless told. */
  readonly redactor?: Redactor | undefined;
  /** False where nobody pauses the socket: what the disk cannot keep up with is then dropped, with
   * the exact count in a gap. */
  readonly pausable?: boolean | undefined;
  /** Goes on with the recording at `path`, if there is one. */
  readonly append?: boolean | undefined;
  /** Whether others are kept from going on with it meanwhile; as `append` unless told. */
  readonly isAlone?: boolean | undefined;
}

/** What a recorder tells of. */
export interface RecorderEvents {
  pressure: [isOn: boolean];
  trouble: [error: WsctlError];
  recovered: [missed: number];
}

/** A connection that was opened or refused; see `UpgradeLine`. */
export interface RecordedUpgrade {
  readonly status: number;
  readonly target?: string | undefined;
  readonly request: readonly Header[];
  readonly response: readonly Header[];
  readonly phases?: Readonly<Record<string, number>> | undefined;
}

/** A message, ping or pong. Its payload is not kept after the call. */
export interface RecordedMessage extends MessageFacts {
  /** When it was, on the clock of `now`; now unless told. */
  readonly at?: number | undefined;
}

/** What is missing; see `GapLine`. */
export interface RecordedGap {
  readonly why: string;
  readonly missed?: number | undefined;
  readonly attempt?: number | undefined;
  readonly lasted?: number | undefined;
}

/** So far. */
export interface RecorderCounts {
  /** Data messages each way that were taken. */
  readonly in: number;
  readonly out: number;
  /** Bytes in the file. */
  readonly bytes: number;
  /** Messages, pings and pongs that are not recorded. */
  readonly missed: number;
}

/** Where lines go, and what is known of those before. */
export interface Beginning {
  readonly disk: Disk;
  readonly length: number;
  readonly hasHeader: boolean;
  /** What `t` is at the first moment, in ms. */
  readonly offset: number;
  readonly in: number;
  readonly out: number;
}
