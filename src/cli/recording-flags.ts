/** Owns the flags of whatever records: what is hidden, and what the disk is asked for. */
import { Option } from "@commander-js/extra-typings";
import { collect } from "./options.js";

/** What of messages never reaches the disk. */
export function redactOption() {
  return new Option(
    "--redact <pattern>",
    "hide what a JSONPath or a /REGEX/ finds in messages (repeatable)",
  ).argParser(collect);
}

/** When a line is safe. */
export function fsyncOption() {
  return new Option(
    "--fsync <when>",
    "have the disk keep it: with each line, once a second, or when the system likes",
  )
    .choices(["none", "1s", "each"] as const)
    .default("1s" as const);
}
