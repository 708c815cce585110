/** Owns the program: its commands, and how it speaks of itself. */
import { Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { version, type Host } from "./host.js";

const examples = `
Examples:
  $ wsctl connect --serve              talk to an echo server that needs nothing else
  $ wsctl inspect --serve              what a handshake is made of, and what is wrong with it
  $ wsctl proxy --target URL           see what an application says; --record DIR keeps it
  $ wsctl replay FILE URL              say it again, and compare the answers
  $ wsctl load --serve                 a load test that needs nothing else
  $ wsctl serve                        a server to test against
  $ wsctl load ws://127.0.0.1:8080/    load it
  $ wsctl scenario init                describe a load test, step by step
  $ wsctl load scenario.yaml           and run it`;

/** Makes a command; `exit` is told its exit code. */
type Maker = (host: Host, exit: (code: number) => void) => CommandUnknownOpts;

/** In the order of the help. Each is loaded when it is wanted: most of a short run is loading. */
const commands: ReadonlyMap<string, () => Promise<Maker>> = new Map<string, () => Promise<Maker>>([
  ["connect", async () => (await import("./commands/connect.js")).connectCommand],
  ["inspect", async () => (await import("./commands/inspect.js")).inspectCommand],
  ["record", async () => (await import("./commands/record.js")).recordCommand],
  ["proxy", async () => (await import("./commands/proxy.js")).proxyCommand],
  ["replay", async () => (await import("./commands/replay.js")).replayCommand],
  ["recording", async () => (await import("./commands/recording.js")).recordingCommand],
  ["load", async () => (await import("./commands/load.js")).loadCommand],
  ["scenario", async () => (await import("./commands/scenario.js")).scenarioCommand],
  ["report", async () => (await import("./commands/report.js")).reportCommand],
  ["compare", async () => (await import("./commands/compare.js")).compareCommand],
  ["serve", async () => (await import("./commands/serve.js")).serveCommand],
]);

/** Recordings of any size pass through these, in a promised amount of memory. */
const passesGigabytes: ReadonlySet<string> = new Set(["record", "proxy", "replay"]);

/**
 * What loads the commands that the arguments can mean: the one that is named first, or all of them. A
 * flag before the name is one of the program, which speaks of all its commands.
 */
function meant(args: readonly string[]): (() => Promise<Maker>)[] {
  if (args.length === 1 && /^(?:-V|--version)$/.test(args[0]!)) return [];
  const load = commands.get(args[0] ?? "");
  return load ? [load] : [...commands.values()];
}

/**
 * The command tree, or the branch of it that the host's arguments name; `exit` is told the exit code
 * of the command that ran.
 */
export async function program(host: Host, exit: (code: number) => void): Promise<Command> {
  // Before anything is loaded: what V8 has taken it does not give back.
  if (passesGigabytes.has(host.args[0] ?? "")) host.spareMemory();
  const root = new Command("wsctl")
    .description(
      "Debug and load-test WebSocket services, with figures that say when they are not evidence.",
    )
    .version(version(), "-V, --version")
    .addHelpText("after", examples);
  for (const make of await Promise.all(meant(host.args).map((load) => load()))) {
    root.addCommand(make(host, exit));
  }
  for (const command of withDescendants(root)) {
    command
      .exitOverride()
      .configureOutput({
        writeOut: (text) => void host.stdout.write(text),
        // Commander has it for the help of a command that lacks its subcommand: no mistake either.
        writeErr: (text) => void host.stdout.write(text),
        // Errors are rendered in one place, by main.
        outputError: () => {},
        getOutHelpWidth: () => host.stdout.columns ?? 100,
        getErrHelpWidth: () => host.stdout.columns ?? 100,
      })
      .showSuggestionAfterError(true);
  }
  return root;
}

function withDescendants(command: CommandUnknownOpts): CommandUnknownOpts[] {
  return [command, ...command.commands.flatMap(withDescendants)];
}
