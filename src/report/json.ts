/** Owns the report of a run as a machine reads it: the RunResult itself, one JSON document. */
import type { RunResult } from "../metrics/run-result.js";

/** The document; ends with a newline. */
export function jsonReport(result: RunResult): string {
  return `${JSON.stringify(result)}\n`;
}
