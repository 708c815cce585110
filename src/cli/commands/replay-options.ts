/** Owns the flags of `wsctl replay`. */
import { Argument, Command, Option } from "@commander-js/extra-typings";
import { parseDuration } from "../../base/quantity.js";
import { modes } from "../../serve/modes.js";
import { withConnectionOptions } from "../connection-options.js";
import { checked, collect } from "../options.js";
import { redactOption } from "../recording-flags.js";
import { replayPages } from "../replay/pages.js";
import { mockOptions } from "./replay-server-options.js";

const examples = `
Examples:
  $ wsctl replay chat.wsrec                          say it again where it was recorded, and compare
  $ wsctl replay chat.wsrec ws://127.0.0.1:8080/     against another server
  $ wsctl replay chat.wsrec --pace gated --detect    wait for each answer, and carry tokens over
  $ wsctl replay chat.wsrec --capture 'token=$.session' --ignore '$..ts'
  $ wsctl replay chat.wsrec --bearer env:TOKEN --var password=@pw    what was redacted
  $ wsctl replay recordings/ ws://127.0.0.1:8080/ -o junit=replay.xml
  $ wsctl replay chat.wsrec --update                 accept what comes now
  $ wsctl replay chat.wsrec --as server --port 8080  play the server's part

Exit codes: 0 all came as recorded; 2 usage; 3 could not connect; 4 the upgrade was refused; 5 the
connection broke; 6 something differs; 7 a send waited in vain; 130 interrupted.`;

/** The command without what it does. */
export function replayOptions() {
  const command = withConnectionOptions(new Command("replay"))
    .summary("say a recording again and compare the answers, or play the server's part")
    .description(
      "Say again what the client said, and hold what the server answers against the recording; or, with\n" +
        "--as server, play the server's part to whoever connects.",
    )
    .addArgument(
      new Argument("<files...>", "recordings, or directories of *.wsrec; last a URL or @profile"),
    )
    .addHelpText("after", examples)
    .optionsGroup("Replay:")
    .addOption(
      new Option("--as <side>", "whose part to play")
        .choices(["client", "server"] as const)
        .default("client" as const),
    )
    .option("--serve", "start an embedded server and replay against that")
    .addOption(
      new Option("--serve-mode <mode>", "the embedded server's mode")
        .choices([...modes.keys()])
        .implies({ serve: true }),
    )
    .option(
      "--pace <pace>",
      "recorded, a factor such as 2x, asap, or gated: each send after the messages that came before it",
      "recorded",
    )
    .option(
      "--idle-cap <duration>",
      "no pause of the recording is longer than this",
      checked(parseDuration),
    )
    .addOption(
      new Option(
        "--gate-timeout <duration>",
        "with --pace gated: how long a send waits for what came before it",
      )
        .argParser(checked(parseDuration))
        .default(10_000, "10s"),
    )
    .addOption(
      new Option(
        "--wait <duration>",
        "how long the server must be silent at the end, while something is missing",
      )
        .argParser(checked(parseDuration))
        .default(2000, "2s"),
    )
    .option(
      "--capture <name=path>",
      "carry this value of an answer into later sends: JSONPath, or /regex/ (repeatable)",
      collect,
    )
    .option("--detect", "find such values: received first, sent later")
    .option(
      "--var <name=value>",
      "the value of a redacted field of that name; also @file or env:NAME (repeatable)",
      collect,
    )
    .option(
      "--without-redacted",
      "leave out redacted headers, and send redacted fields as the recording has them",
    )
    .option("--salvage", "leave out malformed lines of a recording")
    .optionsGroup("Comparison:")
    .option("--unordered", "messages may come in any order")
    .option(
      "--ignore <path>",
      "a JSONPath that is not compared, such as $..ts (repeatable)",
      collect,
    )
    .option(
      "--ignore-values <regex>",
      "values, or parts of texts, that are not compared, /regex/ (repeatable)",
      collect,
    )
    .option("--update", "accept what comes: write it into the recording")
    .addOption(redactOption())
    .optionsGroup("Output:")
    .option("--json", "print one JSON document: -o json=-")
    .option(
      "-o, --output <kind=path>",
      `write it, - is stdout (repeatable): ${Object.keys(replayPages).join(", ")}`,
      collect,
    )
    .option("-q, --quiet", "nothing on stderr but errors")
    .option("--no-color", "no colours");
  for (const option of mockOptions().options) command.addOption(option);
  return command;
}

/** The values of those flags, without those of a server. */
export type ReplayFlags = ReturnType<ReturnType<typeof replayOptions>["opts"]>;
