/** Owns the flags of `wsctl replay --as server` that a client has no use for. */
import { Command, Option } from "@commander-js/extra-typings";
import { guardFlags } from "../../serve/guards.js";
import { collect, parseHost, parsePort } from "../options.js";
import { addFlags } from "./serve-flags.js";
import { parsePath } from "./serve-options.js";

/** A command with those flags and nothing else, for another to take them over. */
export function mockOptions() {
  const command = new Command()
    .optionsGroup("As a server:")
    .option("--match", "answer what equals a recorded message, in place of what has its number")
    .option(
      "--strict",
      "exit with 6 after anything unexpected: with --match, what was not recorded; else, more messages than were",
    )
    .addOption(
      new Option("--host <address>", "address to listen on")
        .argParser(parseHost)
        .default("127.0.0.1", "127.0.0.1"),
    )
    .option("--port <number>", "port to listen on, 0 for any free one", parsePort, 8080)
    .option("--path <path>", "speak WebSocket only there (repeatable)", (path, before?: string[]) =>
      collect(parsePath(path), before),
    )
    .option("--tls", "serve wss, with a certificate made on the spot")
    .option("--tls-cert <file>", "serve wss with this certificate (PEM)")
    .option("--tls-key <file>", "its private key (PEM)")
    .option("--fault <spec>", "misbehave, such as drop,p=1% (repeatable)", collect)
    .option("--seed <text>", "of everything random; drawn unless given")
    .option("--control-port <number>", "port of /stats and the rest, 0 for any", parsePort, 0)
    .option("--until-stdin-ends", "stop when standard input ends, as for a child process")
    .addOption(
      new Option("-v, --verbose", "show connects, closes and refusals; twice: messages")
        .argParser(oneMore)
        .default(0, "0"),
    );
  addFlags(command, "Guards of a server, each off unless asked for:", guardFlags());
  return command;
}

/** The values of those flags, guards left out. */
export type MockFlags = ReturnType<ReturnType<typeof mockOptions>["opts"]>;

function oneMore(_value: string | undefined, before: number): number {
  return before + 1;
}
