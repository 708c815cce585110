/** Owns what the prompt of `connect` is started with, and what it comes to. */
import type { Ink } from "../report/ink.js";
import type { Session } from "../session/session.js";
import type { SessionEnd } from "../session/session-events.js";
import type { SessionOptions } from "../session/session-options.js";
import type { Terminal } from "./prompt.js";
import type { Recorded, TapeSource } from "./tape.js";

/** How to start. */
export interface ReplOptions {
  /** Of the first connection. */
  readonly session: SessionOptions;
  /** Makes a session that is not connected yet: the prompt connects it. */
  open(options: SessionOptions): Session;
  /**
   * What of the flags goes along to another URL or `@profile`.
   * @param say tells what is to be known of it, a line each
   * @throws WsctlError
   */
  retarget(url: string, say: (note: string) => void): Promise<SessionOptions>;
  readonly terminal: Terminal;
  /** Its colours; the width is asked of the terminal, which may change. */
  readonly ink: Ink;
  /** Name of a lens, or `off`; undefined takes the one that the connection tells. */
  readonly lens: string | undefined;
  /** Where lines are kept; undefined keeps none. */
  readonly history: { readonly path: string | undefined };
  /** Names of profiles, without `@`. */
  readonly profiles: readonly string[];
  /** How the conversation can be recorded. */
  readonly recording: TapeSource;
  /** The file to record to from the beginning. */
  readonly record?: string | undefined;
  /** The connection as a curl command. */
  curl(options: SessionOptions): string;
  /** What is switched on at the beginning. */
  readonly frames: boolean;
  /** Pings and pongs. */
  readonly showPingPong: boolean;
  readonly raw: boolean;
  readonly pretty: boolean;
  /** For `{{ $env.NAME }}`; without it there is none. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Ends the prompt at once, as a signal of the system does. */
  readonly signal?: AbortSignal | undefined;
  /** Ends the wait for a disk that takes no more of what is recorded. */
  readonly leave?: AbortSignal | undefined;
  /** Leaves in good order when it is aborted, as a person does. */
  readonly over?: AbortSignal | undefined;
}

/** How it ended. */
export interface ReplEnd {
  /**
   * `quit`: the person left, by Ctrl-C at any time or otherwise while the session was alive.
   * `closed`: the session was over already when the person left. `failed`: the first connection could
   * not be opened.
   */
  readonly outcome: "quit" | "closed" | "failed";
  /** How the last connection ended, if there was one. */
  readonly end?: SessionEnd | undefined;
  /** Why the first connection could not be opened. */
  readonly error?: Error | undefined;
  /** Whether something that was expected did not come. */
  readonly expectFailed?: boolean | undefined;
  /** The recording that was under way, if there was one. */
  readonly recorded?: Recorded | undefined;
  /** Whether a disk has refused something of any recording. */
  readonly recordingFailed?: boolean | undefined;
}
