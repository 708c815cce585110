/** Owns `wsctl serve`: the test server on a terminal, or as a part of other programs. */
import { Argument, Command, Option } from "@commander-js/extra-typings";
import { randomUUID } from "node:crypto";
import { WsctlError } from "../../base/errors.js";
import { parseSize } from "../../base/quantity.js";
import { createGuards, guardFlags } from "../../serve/guards.js";
import { modes } from "../../serve/modes.js";
import { serve } from "../../serve/server.js";
import { ExitCode } from "../exit-codes.js";
import type { Host } from "../host.js";
import { Interrupt } from "../interrupt.js";
import { checked, collect, parsePort } from "../options.js";
import { addFlags, flagValues } from "./serve-flags.js";
import { ServeView } from "./serve-view.js";

const examples = `
Examples:
  $ wsctl serve                          echo on ws://127.0.0.1:8080/
  $ wsctl serve --port 0 --json          any free port; the first line says which
  $ curl http://127.0.0.1:PORT/stats     exact counters, at the control port`;

function serveOptions() {
  const names = [...modes.keys()];
  return new Command("serve")
    .description("run a WebSocket server to test against")
    .addArgument(
      new Argument("[mode]", `how it behaves:\n${describeModes()}`)
        .choices(names)
        .default(names[0]!),
    )
    .optionsGroup("Server:")
    .option("--host <address>", "address to listen on", "127.0.0.1")
    .option("--port <number>", "port to listen on, 0 for any free one", parsePort, 8080)
    .option("--control-port <number>", "port of /stats on loopback, 0 for any", parsePort, 0)
    .option("--max-payload <size>", "largest message that is accepted", checked(parseSize), 2 ** 24)
    .option("-s, --subprotocol <name>", "speak this subprotocol (repeatable)", collect)
    .option("--compress", "agree to permessage-deflate when it is offered")
    .option("--seed <text>", "of everything random; drawn unless given")
    .option("--until-stdin-ends", "stop when standard input ends, as for a child process");
}

/** The command; `exit` is told its exit code. */
export function serveCommand(host: Host, exit: (code: number) => void) {
  const command = serveOptions();
  const declared = [...modes.values()].flatMap((mode) => mode.flags).concat(guardFlags());
  for (const [name, { flags }] of modes) addFlags(command, `Mode ${name}:`, flags);
  addFlags(command, "Guards, each off unless asked for:", guardFlags());
  return command
    .optionsGroup("Output:")
    .option("--json", "print events as JSON lines")
    .addOption(
      new Option("-v, --verbose", "show connects and closes; twice: messages")
        .argParser(oneMore)
        .default(0),
    )
    .option("-q, --quiet", "print nothing but errors")
    .option("--no-color", "no colours")
    .addHelpText("after", examples)
    .action(async (name, flags) => {
      const kind = modes.get(name);
      if (!kind) throw new WsctlError("WSCTL_EUSAGE", `there is no mode ${name}`);
      const values = flagValues(declared, flags);
      const seed = flags.seed ?? randomUUID();
      const view = new ServeView(host, name, { ...flags, verbose: Number(flags.verbose) });
      const guards = createGuards(values);
      const log = { wanted: false, add() {}, now: () => host.monotonic() };
      const mode = kind.create({ values, seed, node: `node-${seed.slice(0, 6)}`, log });
      const interrupt = new Interrupt(host, () => {});
      const server = await serve({
        ...flags,
        mode,
        guards,
        subprotocols: flags.subprotocol ?? [],
        compress: flags.compress ?? false,
        watcher: view,
      });
      view.begin(server);
      await untilEnd(host, interrupt, flags.untilStdinEnds === true);
      view.end();
      await Promise.race([server.close(), aborted(interrupt)]);
      interrupt.dispose();
      exit(ExitCode.ok);
    });
}

function oneMore(_value: string | undefined, before: number): number {
  return before + 1;
}

function describeModes(): string {
  return [...modes].map(([name, { summary }]) => `${name}: ${summary}`).join("\n");
}

function untilEnd(host: Host, { stop }: Interrupt, stdinCounts: boolean): Promise<void> {
  return new Promise((resolve) => {
    stop.addEventListener("abort", () => resolve());
    if (!stdinCounts) return;
    host.stdin.on("end", () => resolve()).on("error", () => resolve());
    host.stdin.resume();
  });
}

function aborted({ abort }: Interrupt): Promise<void> {
  return new Promise((resolve) => abort.addEventListener("abort", () => resolve()));
}
