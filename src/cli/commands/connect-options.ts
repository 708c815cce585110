/** Owns the flags of `wsctl connect`. */
import { Argument, Command, InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { parseCount, parseDuration } from "../../base/quantity.js";
import { modes } from "../../serve/modes.js";
import { lensChoices } from "../config-keys.js";
import { withConnectionOptions } from "../connection-options.js";
import { checked, checkedBy, collect } from "../options.js";
import { fsyncOption, redactOption } from "../recording-flags.js";

const examples = `
Examples:
  $ wsctl connect ws://127.0.0.1:8080/               talk; /help lists what can be done
  $ wsctl connect --serve                            the same, with an echo server of its own
  $ wsctl connect @staging                           as the profile of .wsctl.yaml says
  $ wsctl connect ws://127.0.0.1:8080/ < lines.txt   a message a line, the answers on stdout
  $ wsctl connect ws://127.0.0.1:8080/ -x '{"op":"ping"}' --expect '$.op == "pong"'
  $ wsctl connect ws://127.0.0.1:8080/ --count 3 --json
  $ wsctl connect ws://127.0.0.1:8080/ --binary < in.bin > out.bin
  $ wsctl connect ws://127.0.0.1:8080/ --record talk.wsrec --redact '$.password'`;

/** How long something is waited for: a duration, seconds as a bare number (as wscat has it), or for ever. */
function parseWait(text: string): number {
  if (text === "forever" || text === "-1") return Infinity;
  return /^\d+(?:\.\d+)?$/.test(text) ? Number(text) * 1000 : parseDuration(text);
}

/** The bytes of a delimiter, in which `\n`, `\r`, `\t`, `\0`, `\\` and `\x1e` may be written. */
function parseDelimiter(text: string): Buffer {
  const codes: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", "0": "\0" };
  const bytes = text.split(/(\\x[0-9a-fA-F]{2}|\\.)/).map((part) => {
    if (/^\\x../.test(part)) return Buffer.from(part.slice(2), "hex");
    return Buffer.from(part.startsWith("\\") ? (codes[part[1]!] ?? part.slice(1)) : part);
  });
  const delimiter = Buffer.concat(bytes);
  if (delimiter.length === 0) throw new InvalidArgumentError("A delimiter has one byte or more.");
  return delimiter;
}

/** A command of that name with all the flags of a conversation. */
export function talkOptions(name: string) {
  return withConnectionOptions(new Command(name))
    .addArgument(new Argument("[url]", "where to connect: a URL, host:port, or @profile"))
    .optionsGroup("Target:")
    .option("--curl <command>", "connect as this curl command says, pasted from a browser")
    .option("-c, --connect <url>", "the same as the argument, for fingers that know wscat")
    .option("-n, --no-check", "the same as --insecure, for fingers that know wscat")
    .option("--serve", "start an embedded server and connect to that")
    .addOption(
      new Option("--serve-mode <mode>", "the embedded server's mode")
        .choices([...modes.keys()])
        .implies({ serve: true }),
    )
    .optionsGroup("Session:")
    .option(
      "--reconnect [policy]",
      "connect again when the connection is lost, such as exponential,base=500ms,max=30s,attempts=10",
    )
    .option("--no-reconnect", "do not, whatever a profile says")
    .option("--first-message <text>", "sent first on every connection (repeatable)", collect)
    .option(
      "--ping <interval>",
      "send a ping so often; unanswered by the next: lost",
      checkedBy(parseDuration),
    )
    .option("--auto-reply <match => text>", "answer what matches by itself (repeatable)", collect)
    .addOption(
      new Option("--lens <name>", "decode, and encode, what rides on WebSocket").choices(
        lensChoices,
      ),
    )
    .option("--no-templates", "send {{ }} as it is, in what flags, profiles and files say")
    .optionsGroup("Without a prompt:")
    .option(
      "-x, --execute <message>",
      "send this, or @file; - is stdin (repeatable: in order)",
      collect,
    )
    .option(
      "--expect <match>",
      "have such a message come, or exit with 6 or 7 (repeatable: all)",
      collect,
    )
    .option("--until <match>", "end after such a message (repeatable: any)", collect)
    .option("--count <n>", "end after so many messages", checked(parseCount))
    .option(
      "-w, --wait <duration>",
      "how long the other side must be silent at the end, or what was asked for may take to come;\n" +
        "forever for no limit (default: 1s, or 10s with --expect, --until or --count)",
      checked(parseWait),
    )
    .option("--binary", "send binary messages; write bytes as they come")
    .addOption(
      new Option("--delimiter <text>", "between messages, in place of the end of a line")
        .argParser(parseDelimiter)
        .conflicts("null"),
    )
    .option("--null", "a zero byte between messages")
    .optionsGroup("Recording:")
    .addOption(redactOption())
    .addOption(fsyncOption())
    .option("--append", "go on with a file that is there already")
    .optionsGroup("Output:")
    .option("--json", "print every event, frame and message as a JSON line")
    .option("--frames", "show every frame")
    .option("-P, --show-ping-pong", "show pings and pongs")
    .option("--pretty", "indent JSON; at a prompt unless told otherwise")
    .option("--no-pretty", "show JSON as it came")
    .option("--raw", "do not make control characters harmless")
    .option("--no-history", "keep no history of what is typed")
    .addOption(
      new Option("-v, --verbose", "tell how the connection was opened and closed").default(false),
    )
    .option("-q, --quiet", "nothing on stderr but errors")
    .option("--no-color", "no colours");
}

/** The command without what it does. */
export function connectOptions() {
  return talkOptions("connect")
    .description(
      "talk to a WebSocket server: with a prompt on a terminal, as a clean pipe otherwise",
    )
    .addHelpText("after", examples)
    .optionsGroup("Recording:")
    .option("--record <file>", "record the conversation to a new file");
}

/** The values of those flags. */
export type ConnectFlags = ReturnType<ReturnType<typeof connectOptions>["opts"]>;
