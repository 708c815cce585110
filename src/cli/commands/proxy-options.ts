/** Owns the flags of `wsctl proxy`. */
import { Command, Option } from "@commander-js/extra-typings";
import { type ConnectionFlags, withConnectionOptions } from "../connection-options.js";
import { collect, parseHost, parsePort, parseSizeOfSome } from "../options.js";
import { fsyncOption, redactOption } from "../recording-flags.js";

const examples = `
Examples:
  $ wsctl proxy --target ws://127.0.0.1:9000                    see what passes ws://127.0.0.1:8080/
  $ wsctl proxy --target wss://api.example.com --record talks   and keep it, a file for each connection
  $ wsctl proxy --target ws://127.0.0.1:9000 --rule 'in:$.type == "tick" => delay 200ms±50ms'
  $ wsctl proxy --target ws://127.0.0.1:9000 --rule 'out:$.op == "buy" => edit $.price = 0'
  $ wsctl proxy --target ws://127.0.0.1:9000 --fault drop,p=1%
  $ wsctl proxy --route /chat=ws://127.0.0.1:9000 --route /api=https://api.example.com
  $ wsctl proxy ca                                              the CA that browsers have to trust
  $ wsctl proxy                                                 an HTTP proxy to point a browser at`;

/** Which of the flags of clients say how the server is reached. */
const towardsServer = [
  "insecure",
  "ca",
  "cert",
  "key",
  "passphrase",
  "servername",
  "resolve",
  "connectTo",
  "ipv4",
  "ipv6",
  "timeout",
] as const satisfies readonly (keyof ConnectionFlags)[];

/** The values of those. */
type TowardsServer = Pick<ConnectionFlags, (typeof towardsServer)[number]>;

/** The command without its action. */
export function proxyOptions() {
  const command = new Command("proxy")
    .summary("stand between clients and a server: see, record, change")
    .description(
      "Stand between clients and a WebSocket server: every byte passes as it came, messages are shown " +
        "and recorded, and rules and faults act on them where you ask for it. Without --target it is an HTTP proxy.",
    )
    .optionsGroup("Where to:")
    .option("--target <url>", "the server; without it, an HTTP proxy alone")
    .option("--route <path=url>", "lead what is below this path elsewhere (repeatable)", collect)
    .addOption(
      new Option("--set-host <name>", "send this Host to the server (default: the target's)"),
    )
    .addOption(new Option("--keep-host", "send the client's own Host").conflicts("setHost"))
    .addOption(new Option("--set-origin <url>", "send this Origin, or target for the target's own"))
    .addOption(
      new Option("--keep-origin", "send the client's own Origin, as it is by default").conflicts(
        "setOrigin",
      ),
    )
    .option("--forward", "lead where clients ask to, too, with --target or --route")
    .option("--only <host>", "look into CONNECTs to this host alone (repeatable)", collect)
    .optionsGroup("Where it listens:")
    .addOption(
      new Option("--host <address>", "address to listen on")
        .argParser(parseHost)
        .default("127.0.0.1", "127.0.0.1"),
    )
    .option("--port <number>", "port to listen on, 0 for any free one", parsePort, 8080)
    .option(
      "--allow-host <name>",
      "on loopback, take requests for this Host, *.example.com for those below (repeatable)",
      collect,
    )
    .option("--tls", "serve wss, with certificates of the proxy's own CA")
    .option("--tls-cert <file>", "serve wss with this certificate (PEM)")
    .option("--tls-key <file>", "its private key (PEM)")
    .option("--max-payload <size>", "larger messages pass unseen (default: 16MiB)", parseSizeOfSome)
    .option("--until-stdin-ends", "stop when standard input ends, as for a child process")
    .optionsGroup("Recording:")
    .option("--record <directory>", "record every connection, in a file of its own")
    .addOption(redactOption())
    .addOption(fsyncOption())
    .option("--no-pause", "when the disk is slow, leave messages out rather than wait for it")
    .optionsGroup("What is done to messages:")
    .option(
      "--rule <match => action>",
      "drop, delay 200ms±50ms, replace TEXT, edit $.a = 1, close 1011 REASON;\n" +
        "in: or out: before it is one direction (repeatable: the first that matches counts)",
      collect,
    )
    .option("--fault <spec>", "misbehave towards clients, such as drop,p=1% (repeatable)", collect)
    .option("--list-faults", "list the faults, and the client's bugs that they reveal")
    .option("--seed <text>", "of everything random; drawn unless given")
    .option("--control-port <number>", "port of /faults and the rest, 0 for any", parsePort, 0)
    .optionsGroup("Output:")
    .option("--filter <match>", "show only messages that match; all are recorded")
    .option("--json", "print events as JSON lines")
    .option("--pretty", "indent JSON")
    .option("-P, --show-ping-pong", "show pings and pongs")
    .option("-q, --quiet", "print nothing but errors")
    .option("--no-color", "no colours")
    .helpOption("-h, --help", "show this")
    .addHelpText("after", examples);
  const wanted: ReadonlySet<string> = new Set(towardsServer);
  for (const option of withConnectionOptions(new Command()).options) {
    if (!wanted.has(option.attributeName())) continue;
    command.addOption(option.helpGroup("Towards the server:"));
  }
  return command;
}

/** The values of those flags. */
export type ProxyFlags = ReturnType<ReturnType<typeof proxyOptions>["opts"]> & TowardsServer;
