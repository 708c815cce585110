/** Owns what the commands of the prompt work on: everything that a person has in front of them. */
import type { Ink } from "../report/ink.js";
import type { SessionOptions } from "../session/session-options.js";
import type { Feed } from "./feed.js";
import type { Link } from "./link.js";
import type { MessageLog } from "./message-log.js";
import type { Rules } from "./rules.js";
import type { Settings } from "./settings.js";
import type { Tape } from "./tape.js";
import type { Variables } from "./variables.js";

/** The parts of one prompt. */
export interface Desk {
  readonly link: Link;
  readonly log: MessageLog;
  readonly feed: Feed;
  readonly rules: Rules;
  readonly variables: Variables;
  readonly settings: Settings;
  readonly tape: Tape;
  /** What each alias stands for. */
  readonly aliases: Map<string, string>;
  /** How many scripts and repeats are around this: 0 for what was typed. */
  readonly depth: number;
  /** Colours, and the present width of the terminal. */
  readonly ink: Ink;
  /** How to reach another address or `@profile`; `say` tells what is to be known of it. */
  readonly retarget: (url: string, say: (note: string) => void) => Promise<SessionOptions>;
  /** The connection as a curl command. */
  curl(options: SessionOptions): string;
  /** Does what a typed line says, and waits until it is done. @throws WsctlError */
  run(line: string, signal: AbortSignal): Promise<void>;
  /** Notes that what was expected did not come. */
  failExpectation(): void;
  /** Ends the prompt. */
  quit(): void;
}
