/** Owns the flags of `wsctl load`, and which of them go with a scenario file. */
import { Command, Option } from "@commander-js/extra-typings";
import { WsctlError } from "../../base/errors.js";
import { parseCount, parseDuration, parseRate, parseSize } from "../../base/quantity.js";
import { compileJsonPath } from "../../message/json-path.js";
import { lengthOf, parseFlagStage } from "../../scenario/flag-stage.js";
import { pacerNames } from "../../scenario/plan.js";
import { reporters } from "../../report/reporters.js";
import { modes } from "../../serve/modes.js";
import { withConnectionOptions } from "../connection-options.js";
import type { SecretHeaders } from "../connection-spec.js";
import { checked, checkedBy, collect } from "../options.js";

const examples = `
Examples:
  $ wsctl load --serve                              against an embedded echo server
  $ wsctl load ws://127.0.0.1:8080/ -c 100 -d 30s   100 connections, as fast as replies come
  $ wsctl load ws://127.0.0.1:8080/ -c 100 -r 2     2 messages per second on each: open model
  $ wsctl load ws://127.0.0.1:8080/ -R 5k --size 1KiB
  $ wsctl load ws://127.0.0.1:8080/ -R 5k -d 1m --warmup 10s    10 s to warm up, 50 s that count
  $ wsctl load ws://127.0.0.1:8080/ -c 10k -r 0     hold 10,000 idle connections
  $ wsctl load ws://127.0.0.1:8080/ -c 50k -r 0 --workers 3 --local-address 127.0.0.0/28
  $ wsctl load ws://127.0.0.1:8080/ -r 1 --stage 30s:100 --stage 5m:100 --stage 10s:0
  $ wsctl load wss://example.test/ --ca ca.pem --json > run.json

  $ wsctl load chat.yaml                            virtual users that follow a scenario
  $ wsctl load chat.yaml wss://example.test/chat --var room=lobby --seed 42
  $ wsctl load chat.yaml --dry-run                  one user, every step shown
  $ wsctl load --serve -r 10 --print-scenario       the scenario that these flags stand for

  $ wsctl load --serve -r 10 --threshold 'ws_msg_rtt: p(99)<200ms'
  $ wsctl load chat.yaml -o junit=report.xml -o markdown=report.md -o prometheus=:9464

Beside a scenario file flags go first; what they do not say, the file says, not their defaults.
A threshold that fails makes the exit code 99, a run that is no evidence 98.`;

/** The command with its flags. */
export function loadOptions() {
  return withConnectionOptions(new Command("load"))
    .description("generate load, measure it, and say whether the figures are evidence")
    .argument(
      "[target...]",
      "a scenario file (.yaml, .json, - is stdin), and URLs or @profile; several are taken in turn by connection",
    )
    .addHelpText("after", examples)
    .optionsGroup("Load:")
    .option("-c, --connections <count>", "connections to hold", checkedBy(parseCount), "10")
    .option("-d, --duration <time>", "how long messages are sent", checkedBy(parseDuration), "5s")
    .option(
      "--warmup <time>",
      "the first part of the traffic: counted, and not timed",
      checkedBy(parseDuration),
    )
    .addOption(
      new Option(
        "--stage <time:count>",
        "a straight line to so many connections, as in 30s:100 (repeatable, one after the other)",
      )
        .argParser((text: string, before: string[] | undefined) => {
          checked((stage) => lengthOf([parseFlagStage(stage)]))(text);
          return collect(text, before);
        })
        .conflicts(["connections", "duration"]),
    )
    .option(
      "-r, --rate <n/s>",
      "messages per second per connection; 0 only listens",
      checkedBy(parseRate),
    )
    .option(
      "-R, --total-rate <n/s>",
      "messages per second over all connections",
      checkedBy(parseRate),
    )
    .option("--connect-rate <n/s>", "connections opened per second", checkedBy(parseRate), "1000/s")
    .option(
      "-m, --message <text>",
      "message to send, a template ({{ $uuid }}; \\{{ is two braces), or @file (repeatable: in turn)",
      collect,
    )
    .option("--first-message <text>", "sent once on each new connection (repeatable)", collect)
    .option("--size <bytes>", "random message of this size (default: 20)", checkedBy(parseSize))
    .option("--binary", "send binary messages")
    .option(
      "--in-flight <n>",
      "closed loop: requests unanswered per connection",
      checked(parseCount),
    )
    .addOption(
      new Option("--correlate <how>", "match replies by order, or not at all")
        .choices(["order", "none"] as const)
        .default("order" as const),
    )
    .option(
      "--sequence-number <path>",
      "JSONPath of the numbers that the service gives its messages, as in $.seq: losses are seen by them",
      checkedBy(isJsonPath),
    )
    .option(
      "--sequence-sender <path>",
      "JSONPath of who sent it, as in $.from, where each sender counts for itself",
      checkedBy(isJsonPath),
    )
    .option("--reply-timeout <time>", "a reply may take so long", checkedBy(parseDuration), "5s")
    .option("--graceful-stop <time>", "wait for last replies", checkedBy(parseDuration), "5s")
    .option("--workers <n>", "worker processes (default: cores − 1)", checked(parseCount))
    .addOption(
      new Option(
        "--pacer <name>",
        "who sends at given rates: ticker (lag 0.2 ms), timer (1 ms, least CPU), spin (none, a whole core); default: ticker where a core is to spare",
      ).choices(pacerNames),
    )
    .optionsGroup("Scenario:")
    .option("--var <name=value>", "set a variable; also WSCTL_VAR_name (repeatable)", collect)
    .option("--seed <n>", "the same seed says the same things", checked(parseSeed))
    .option("--allow-path", "let the scenario name files outside of its folder")
    .addOption(
      new Option(
        "--dry-run",
        "one user of each scenario, every step shown; exit code 6 if one fails",
      ).conflicts(["printScenario", "output"]),
    )
    .option("--print-scenario", "print what would run as YAML, and run nothing")
    .optionsGroup("Server:")
    .option("--serve", "start an embedded server and load that")
    .addOption(
      new Option("--serve-mode <mode>", "the embedded server's mode")
        .choices([...modes.keys()])
        .implies({ serve: true }),
    )
    .optionsGroup("Output:")
    .option(
      "--threshold <condition>",
      "exit 99 unless it holds, as in 'ws_msg_rtt: p(99)<200ms' (repeatable)",
      collect,
    )
    .option(
      "-o, --output <kind=path>",
      `write a report, - is stdout (repeatable): ${Object.keys(reporters).join(", ")}; prometheus=:9464 serves the figures during the run`,
      collect,
    )
    .option("--json", "print the result as one JSON document: -o json=-")
    .option("-q, --quiet", "no progress, only the report")
    .addOption(
      new Option(
        "-v, --verbose",
        "keep lines of log steps, up to 100 a second and how many more; without it, 20 or the last one",
      )
        .default(false)
        .conflicts("quiet"),
    )
    .option("--no-tui", "progress as lines instead of a live panel")
    .option("--no-color", "no colours");
}

/** The values of those flags. */
export type LoadOptions = ReturnType<ReturnType<typeof loadOptions>["opts"]> & SecretHeaders;

/** Whether a flag was given on the command line, rather than by its default. */
export type IsGiven = (flag: string) => boolean;

/** What is said by a file's flow, and so not by a flag beside it. */
const ofTheFlow = [
  "rate",
  "totalRate",
  "message",
  "firstMessage",
  "size",
  "binary",
  "inFlight",
  "correlate",
  "sequenceNumber",
  "sequenceSender",
] as const satisfies readonly (keyof LoadOptions)[];

/**
 * Refuses flags that say what a scenario file says.
 * @throws WsctlError WSCTL_EUSAGE naming the first of them
 */
export function refuseFlagsOfTheFlow(isGiven: IsGiven): void {
  const flag = ofTheFlow.find((one) => isGiven(one));
  if (flag === undefined) return;
  const name = `--${flag.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  const key = { correlate: "correlate", sequenceNumber: "sequence", sequenceSender: "sequence" };
  throw new WsctlError("WSCTL_EUSAGE", `${name} cannot be combined with a scenario file`, {
    hint:
      flag in key
        ? `the file says it: config.${key[flag as keyof typeof key]}`
        : "the file says what is sent, and how fast; make it a variable of the file, and set that with --var",
  });
}

/** @throws WsctlError WSCTL_EUSAGE for what is none */
function isJsonPath(text: string): number {
  return compileJsonPath(text).source.length;
}

function parseSeed(text: string): number {
  const seed = Number(text);
  if (/^\d{1,10}$/.test(text) && seed < 2 ** 32) return seed;
  throw new WsctlError("WSCTL_EUSAGE", `"${text}" is not a seed`, {
    hint: "a whole number from 0 to 4294967295",
  });
}
