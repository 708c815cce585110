/** Owns the flags of `wsctl scenario from-recording` and `from-har`. */
import { type Command, Option } from "@commander-js/extra-typings";
import { parseCount, parseDuration } from "../../base/quantity.js";
import { checked, checkedBy, collect } from "../options.js";

/** Pauses are cut to this: a load test is seldom there to wait as a person did. */
const usualIdleCap = 5000;

/** Adds what both commands know. */
export function withFromOptions(command: Command<[string[]]>) {
  return command
    .option("-o, --output <file>", "where to write it; - is stdout", "-")
    .option("--target <url>", "what is to be loaded, in place of where it was recorded")
    .addOption(
      new Option("--idle-cap <duration>", "cut pauses to this; 0 leaves them out")
        .argParser(checked(parseDuration))
        .default(usualIdleCap, "5s"),
    )
    .option("-c, --connections <count>", "users at once", checkedBy(parseCount), "10")
    .option("-d, --duration <time>", "how long the run lasts", checkedBy(parseDuration), "1m")
    .option(
      "--redact <pattern>",
      "take this out of messages: a JSONPath or /regex/ (repeatable)",
      collect,
    )
    .option("--salvage", "leave out lines that are none, instead of failing")
    .option("--force", "overwrite a file that is there")
    .option("-q, --quiet", "print nothing but errors")
    .option("--no-color", "no colours");
}

/** The values of those flags. */
export type FromFlags = ReturnType<ReturnType<typeof withFromOptions>["opts"]>;
