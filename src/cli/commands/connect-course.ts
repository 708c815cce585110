/** Owns how a conversation goes on and ends beyond what is said in it: `connect` and `record` differ in that. */
import type { TimeLimit } from "../time-limit.js";
import type { Recordings } from "./connect-record.js";

/** The course of one conversation. */
export interface Course {
  readonly recordings: Recordings;
  readonly limit: TimeLimit;
  /** Whether Ctrl-C is how it is meant to end, without a prompt too, and no interruption. */
  readonly endsByHand: boolean;
}
