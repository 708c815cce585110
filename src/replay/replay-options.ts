/** Owns how recordings are to be replayed, as plain data, and what is told of a replay on its way. */
import type { UpgradeLine } from "../recording/line.js";
import type { Recorded } from "../recording/reader.js";
import type { Redactor } from "../recording/redactor.js";
import type { SessionOptions } from "../session/session-options.js";
import type { ReplayCapture } from "./captures.js";
import type { Use } from "./carrying.js";
import type { Pace } from "./pace.js";
import type { Survey } from "./survey.js";

/** What all recordings of one replay have in common. */
export interface ReplayOptions {
  /** Such as `wsctl/0.1.0`. */
  readonly tool: string;
  readonly startedAt: Date;
  readonly pace: Pace;
  /** No pause of a recording counts for more, in ms; Infinity for no limit. */
  readonly idleCap: number;
  /** How long the server may be silent at the end, in ms. */
  readonly wait: number;
  /** How long a send waits for the messages before it, with the pace `gated`, in ms. */
  readonly gateTimeout: number;
  /** Whether messages have to come in the order of the recording. */
  readonly ordered: boolean;
  /** JSONPaths of what is not compared. */
  readonly ignore: readonly string[];
  /** RE2: of texts and numbers, what is not compared. */
  readonly ignoreValues: readonly string[];
  readonly captures: readonly ReplayCapture[];
  /** By name: what stands for redacted fields. */
  readonly variables: ReadonlyMap<string, string>;
  /** Names of those that somebody has given for this, who is told of what was of no use. */
  readonly wanted?: readonly string[] | undefined;
  /** Ends the replay; what there is so far is told. */
  readonly signal?: AbortSignal | undefined;
  /** What was begun in files is thrown away at once. */
  readonly abandoned?: AbortSignal | undefined;
  /** Called often. */
  readonly onProgress?: ((progress: ReplayProgress) => void) | undefined;
}

/** So far, over all connections. */
export interface ReplayProgress {
  readonly sent: number;
  readonly received: number;
  readonly differences: number;
}

/** One recording, which is one connection with its reconnects. */
export interface ReplayInput {
  /** How it is called in the result. */
  readonly name: string;
  /** Where it is replayed, without secrets. */
  readonly url: string;
  /** To be read from its beginning; with its comments where it is to be written anew. */
  readonly recorded: Recorded;
  readonly survey: Survey;
  /** How each connection is opened. @param line undefined for a recording that has no such line */
  readonly session: (line: UpgradeLine | undefined) => SessionOptions;
  /** Hides the secrets of this run in the result. */
  readonly hidden?: Redactor | undefined;
  /** Accepts what comes into the recording, in the file `path`. */
  readonly update?: { readonly path: string; readonly redactor: Redactor } | undefined;
}

/** What the player of one recording needs. */
export interface PlayerOptions
  extends Omit<ReplayInput, "name" | "url">, Omit<ReplayOptions, "tool" | "startedAt"> {
  /** What was of use so far, in any recording. */
  readonly use: Use;
  /** When it begins, on the clock of `performance.now`. */
  readonly begin: number;
}
