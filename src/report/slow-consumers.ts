/** Owns the parts of the text report on slow consumers and on heartbeats. */
import type { RunResult } from "../metrics/run-result.js";
import { heartbeatWords } from "./heartbeat-words.js";
import type { Section } from "./section.js";
import { slowWords } from "./slow-words.js";

/** What became of those who read slowly; nothing where none was to. */
export function slowSection(result: RunResult): Section {
  return { title: "slow consumers", lines: slowWords(result) };
}

/** Pings both ways, and whom they gave away; nothing where nobody pinged. */
export function heartbeatSection(result: RunResult): Section {
  return { title: "heartbeats", lines: heartbeatWords(result) };
}
