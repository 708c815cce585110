/** Owns the flags of `wsctl serve`: its own, and those that modes and guards declare. */
import { Command, InvalidArgumentError, Option } from "@commander-js/extra-typings";
import { parseCount } from "../../base/quantity.js";
import { nodeName } from "../../serve/backplane-envelope.js";
import { guardFlags } from "../../serve/guards.js";
import { modes } from "../../serve/modes.js";
import { healthPath } from "../../serve/site.js";
import { checked, collect, parseHost, parsePort, parseSizeOfSome } from "../options.js";
import { addFlags, flagsByModes } from "./serve-flags.js";

const examples = `
Examples:
  $ wsctl serve                               echo on ws://127.0.0.1:8080/
  $ wsctl serve --port 0 --json               any free port; the first line says which
  $ wsctl serve --tls --path /chat            wss://127.0.0.1:8080/chat, its certificate made on the spot
  $ wsctl serve --fault drop,p=1% -v          every hundredth message is lost; see who comes and goes
  $ wsctl serve --list-faults                 what can go wrong, and the client's bug that it reveals
  $ curl http://127.0.0.1:PORT/stats          exact counters, at the control port that is printed
  $ curl http://127.0.0.1:PORT/cut -H 'Authorization: Bearer TOKEN' --json '{"share":"30%"}'`;

const mostProcesses = 64;

/** The command without its action. */
export function serveOptions() {
  const command = new Command("serve")
    .summary("run a WebSocket server to test against")
    .description(`Run a WebSocket server to test against.\n\nModes:\n${describeModes()}`)
    .argument("[mode]", "how the server behaves")
    .optionsGroup("Server:")
    .addOption(
      new Option("--host <address>", "address to listen on")
        .argParser(parseHost)
        .default("127.0.0.1", "127.0.0.1"),
    )
    .option("--port <number>", "port to listen on, 0 for any free one", parsePort, 8080)
    .option("--path <path>", "speak WebSocket only there (repeatable)", collectPaths)
    .option("--tls", "serve wss, with a certificate made on the spot")
    .option("--tls-cert <file>", "serve wss with this certificate (PEM)")
    .option("--tls-key <file>", "its private key (PEM)")
    .option("-s, --subprotocol <name>", "speak this subprotocol (repeatable)", collectTokens)
    .option("--compress", "agree to permessage-deflate when it is offered")
    .option(
      "--max-payload <size>",
      "largest message that is accepted (default: 16MiB)",
      parseSizeOfSome,
    )
    .addOption(
      new Option("--processes <n>", "share the port among so many processes")
        .argParser(processCount)
        .default(1, "1"),
    )
    .addOption(
      new Option(
        "--node <name>",
        "how it names itself: in the header Wsctl-Node, and in messages",
      ).argParser(parseNode),
    )
    .option("--seed <text>", "of everything random; drawn unless given")
    .option("--until-stdin-ends", "stop when standard input ends, as for a child process");
  for (const { names, specs } of flagsByModes()) {
    addFlags(command, `Mode${names.length > 1 ? "s" : ""} ${names.join(", ")}:`, specs);
  }
  addFlags(command, "Guards, each off unless asked for:", guardFlags());
  return (
    command
      .optionsGroup("Faults:")
      .option("--fault <spec>", "misbehave, such as drop,p=1% (repeatable)", collect)
      .option("--list-faults", "list the faults, and the client's bugs that they reveal")
      .optionsGroup("Control and log, on loopback only:")
      .option("--control-port <number>", "port of /stats and the rest, 0 for any", parsePort, 0)
      .option("--log <file>", "append every message's times to this file, as JSON lines")
      .option("--keep-log <n>", "keep the newest so many for GET /log (default: 100k)", atLeastOne)
      .optionsGroup("Output:")
      .option("--json", "print events as JSON lines")
      .addOption(
        new Option("-v, --verbose", "show connects, closes and refusals; twice: messages")
          .argParser(oneMore)
          .default(0, "0"),
      )
      .option("-q, --quiet", "print nothing but errors")
      .option("--no-color", "no colours")
      .helpOption("-h, --help", "show this")
      // The modes are described above, and by more than their name.
      .configureHelp({ visibleArguments: () => [] })
      .addHelpText("after", examples)
  );
}

/** The values of those flags that are not declared by modes and guards. */
export type ServeFlags = ReturnType<ReturnType<typeof serveOptions>["opts"]>;

function describeModes(): string {
  const width = Math.max(...[...modes.keys()].map((name) => name.length));
  return [...modes]
    .map(([name, { summary }], index) => {
      const usual = index === 0 ? " (default)" : "";
      return `  ${name.padEnd(width)}  ${summary}${usual}`;
    })
    .join("\n");
}

/** With the number of a process behind it, it is still the name of a node. */
function parseNode(name: string): string {
  if (name.length <= 60 && nodeName.test(name)) return name;
  throw new InvalidArgumentError("A node's name is at most 60 letters, digits and _ . : - alone.");
}

function oneMore(_value: string | undefined, before: number): number {
  return before + 1;
}

/** RFC 6455 §4.1: names are tokens, as RFC 9110 §5.6.2 has them. */
function collectTokens(name: string, before: string[] | undefined): string[] {
  if (/^[!#$%&'*+.^_`|~\w-]+$/.test(name)) return collect(name, before);
  throw new InvalidArgumentError("A subprotocol is letters, digits and !#$%&'*+-.^_`|~ alone.");
}

function atLeastOne(text: string): number {
  const count = checked(parseCount)(text);
  if (count >= 1 && count <= 1e7) return count;
  throw new InvalidArgumentError("It is a number from 1 to 10m.");
}

function processCount(text: string): number {
  const count = Number(text);
  if (/^\d+$/.test(text) && count >= 1 && count <= mostProcesses) return count;
  throw new InvalidArgumentError(`It is a number from 1 to ${mostProcesses}.`);
}

function collectPaths(path: string, before: string[] | undefined): string[] {
  return collect(parsePath(path), before);
}

/** A path to speak WebSocket at, as clients send it. */
export function parsePath(path: string): string {
  const dots = /\/(?:\.|%2e){1,2}(?:\/|$)/i.test(path);
  if (dots || !/^\/[^?#\s\\]*$/.test(path)) {
    throw new InvalidArgumentError("A path is written like /chat.");
  }
  // As clients send it: what may not stand in a request is percent-encoded there.
  const sent = new URL(`http://host${path}`).pathname;
  if (sent === healthPath) throw new InvalidArgumentError(`${healthPath} tells the health.`);
  return sent;
}
