/** Owns documents as a machine reads them, and as a terminal may show them all the same. */
import type { RunResult } from "../metrics/run-result.js";

// What a terminal or a reader's eye may take for a command: JSON itself escapes but C0 of it.
const unsafe = /[\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/g;

/** The value as one line of JSON; ends with a newline. */
export function jsonLine(value: unknown): string {
  const text = JSON.stringify(value).replace(
    unsafe,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return `${text}\n`;
}

/** The result itself, one JSON document. */
export function jsonReport(result: RunResult): string {
  return jsonLine(result);
}
