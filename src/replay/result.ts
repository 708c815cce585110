/** Owns what a replay comes to, as plain data of a stated version. */
import type { DetectedValue } from "./detect.js";

/** One place where a message, or a close, is not what it was. */
export interface Difference {
  /**
   * `changed`: came with something else in it; `missing`: did not come; `extra`: was not recorded;
   * `moved`: came, though earlier or later; `close`, `upgrade`: how the connection ended or opened;
   * `unsent`: could not be sent.
   */
  readonly kind: "changed" | "missing" | "extra" | "moved" | "close" | "upgrade" | "unsent";
  /** Number among the recorded messages that came, from 1; absent for what has none. */
  readonly recorded?: number | undefined;
  /** Number among the messages that came now, from 1. */
  readonly received?: number | undefined;
  /** Of the line in the recording. */
  readonly line?: number | undefined;
  /** Where it differs; none where all of it does. */
  readonly changes: readonly ShownChange[];
  /** The message, shortened, where all of it differs. */
  readonly message?: string | undefined;
}

/** One change, with its values as text. */
export interface ShownChange {
  /** JSONPath, or `text`, `byte N`, `opcode`, `code`, `reason`, `by`, `status`, `subprotocol`. */
  readonly path: string;
  /** As JSON, shortened; absent where nothing stood there. */
  readonly recorded?: string | undefined;
  readonly received?: string | undefined;
}

/** A send that was held back until time ran out. */
export interface VainWait {
  /** Number of the send among those of its recording, from 1; 0 for the close. */
  readonly send: number;
  readonly line: number;
  /** How many messages had not come, and the number and the text of the first of them. */
  readonly lacking: number;
  readonly first?: number | undefined;
  readonly message?: string | undefined;
  /** Milliseconds that it was waited. */
  readonly waited: number;
}

/** A value that was detected, and what became of it. */
export interface CarriedValue extends DetectedValue {
  /** In how many places of now it was replaced by what the server says now; none where that is the same. */
  readonly carried: number;
  /** Whether the message that sends it first left before it had come. */
  readonly early: boolean;
}

/** Why a connection could not be opened, or broke. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly hint?: string | undefined;
  readonly where: readonly string[];
}

/** How one connection went, from good to bad. */
export type ConnectionOutcome =
  /** What came is what was recorded. */
  | "same"
  | "different"
  /** All came, though a send waited for it in vain. */
  | "late"
  /** It ended without a close frame, or because a rule of the protocol was broken. */
  | "lost"
  /** It could not be opened. */
  | "failed"
  | "interrupted";

/** What one recording came to. */
export interface ConnectionResult {
  /** Of the recording. */
  readonly name: string;
  /** Without secrets. */
  readonly url: string;
  readonly outcome: ConnectionOutcome;
  /** Milliseconds from the first attempt to open it to its end. */
  readonly took: number;
  /** Connections that were opened: 1, and one more for each reconnect. */
  readonly opened: number;
  /** Messages of the recording that were sent, and that could not be. */
  readonly sent: number;
  readonly unsent: number;
  /** Messages that came now, and that had come then. */
  readonly received: number;
  readonly recorded: number;
  /** Of those recorded: the same, with changes, not there, in another place. */
  readonly same: number;
  readonly changed: number;
  readonly missing: number;
  readonly moved: number;
  /** Messages that came and were not recorded. */
  readonly extra: number;
  /** The first of them; the counts are of all. */
  readonly differences: readonly Difference[];
  readonly waits: readonly VainWait[];
  /** How often each captured value was put into what is sent, by the capture's name. */
  readonly captured: Readonly<Record<string, number>>;
  readonly detected: readonly CarriedValue[];
  readonly failure?: Failure | undefined;
  /** What else is to be known, a sentence each. */
  readonly notes: readonly string[];
  /** Whether the recording was written anew, with what came. */
  readonly updated: boolean;
}

/** A whole replay. */
export interface ReplayResult {
  /** The version of this form. */
  readonly replay: 1;
  /** Such as `wsctl/0.1.0`. */
  readonly tool: string;
  /** ISO 8601. */
  readonly startedAt: string;
  /** Milliseconds. */
  readonly took: number;
  /** `recorded`, `2x`, `asap` or `gated`. */
  readonly pace: string;
  readonly ordered: boolean;
  /** The worst of its connections. */
  readonly outcome: ConnectionOutcome;
  readonly connections: readonly ConnectionResult[];
}

const fromGoodToBad: readonly ConnectionOutcome[] = [
  "same",
  "late",
  "different",
  "lost",
  "failed",
  "interrupted",
];

/** The worst of these; `same` of none. */
export function worstOf(outcomes: readonly ConnectionOutcome[]): ConnectionOutcome {
  const worst = Math.max(0, ...outcomes.map((outcome) => fromGoodToBad.indexOf(outcome)));
  return fromGoodToBad[worst]!;
}
