/** Owns what a stage is given: its fault, its line, and where pieces go from it. */
import type { Random } from "../base/random.js";
import type { DeflateAgreement } from "./deflate-agreement.js";
import type { Outgoing } from "./outgoing.js";
import type { Schedule, Trigger } from "./trigger.js";

/** Where pieces go. */
export interface Sink {
  take(piece: Outgoing): void;
}

/** What a stage needs to know of its fault. */
export interface StageFault {
  readonly schedule: Schedule;
  readonly trigger: Trigger;
  /** For decisions only, so that nothing else shifts them. */
  readonly draws: Random;
  /** For what the fault makes up. */
  readonly choices: Random;
  /** Ms since the fault was added. */
  elapsed(): number;
  injected(count: number): void;
  stall(ms: number): void;
}

/** What a stage needs of its line. */
export interface StageLine {
  /** Whether a close frame came from the client. */
  readonly clientCloses: boolean;
  /** Whether a close frame has left. */
  readonly closed: boolean;
  /** What was agreed of permessage-deflate; undefined for no compression. */
  readonly deflate: DeflateAgreement | undefined;
  /** Bytes that the kernel has not taken yet. */
  readonly backlog: number;
  now(): number;
  /** So many more bytes are kept. */
  adopt(bytes: number): void;
  /** A piece will never leave. */
  release(piece: Outgoing): void;
  reset(): void;
  /** Nothing leaves any more while anyone wants it so; whether this one wanted otherwise before. */
  silence(who: object, on: boolean): boolean;
  /** The client is not read from while anyone wants it so. */
  holdReading(who: object, on: boolean): void;
  /** Resets unless the connection is gone by then. */
  expectEnd(): void;
}
