/** Owns the program: its commands, and how it speaks of itself. */
import { Command, type CommandUnknownOpts } from "@commander-js/extra-typings";
import { compareCommand } from "./commands/compare.js";
import { connectCommand } from "./commands/connect.js";
import { inspectCommand } from "./commands/inspect.js";
import { loadCommand } from "./commands/load.js";
import { proxyCommand } from "./commands/proxy.js";
import { recordCommand } from "./commands/record.js";
import { recordingCommand } from "./commands/recording.js";
import { replayCommand } from "./commands/replay.js";
import { reportCommand } from "./commands/report.js";
import { scenarioCommand } from "./commands/scenario.js";
import { serveCommand } from "./commands/serve.js";
import { version, type Host } from "./host.js";

const examples = `
Examples:
  $ wsctl connect --serve              talk to an echo server that needs nothing else
  $ wsctl inspect --serve              what a handshake is made of, and what is wrong with it
  $ wsctl load --serve                 a load test that needs nothing else
  $ wsctl serve                        a server to test against
  $ wsctl load ws://127.0.0.1:8080/    load it
  $ wsctl scenario init                describe a load test, step by step
  $ wsctl load scenario.yaml           and run it`;

/** The command tree; `exit` is told the exit code of the command that ran. */
export function program(host: Host, exit: (code: number) => void): Command {
  const root = new Command("wsctl")
    .description(
      "Debug and load-test WebSocket services, with figures that say when they are not evidence.",
    )
    .version(version(), "-V, --version")
    .addHelpText("after", examples);
  root.addCommand(connectCommand(host, exit));
  root.addCommand(recordCommand(host, exit));
  root.addCommand(proxyCommand(host, exit));
  root.addCommand(recordingCommand(host, exit));
  root.addCommand(replayCommand(host, exit));
  root.addCommand(inspectCommand(host, exit));
  root.addCommand(loadCommand(host, exit));
  root.addCommand(scenarioCommand(host, exit));
  root.addCommand(reportCommand(host, exit));
  root.addCommand(compareCommand(host, exit));
  root.addCommand(serveCommand(host, exit));
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
