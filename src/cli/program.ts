/** Owns the program: its commands, and how it speaks of itself. */
import { Command } from "@commander-js/extra-typings";
import { connectCommand } from "./commands/connect.js";
import { loadCommand } from "./commands/load.js";
import { serveCommand } from "./commands/serve.js";
import { version, type Host } from "./host.js";

const examples = `
Examples:
  $ wsctl connect --serve              talk to an echo server that needs nothing else
  $ wsctl load --serve                 a load test that needs nothing else
  $ wsctl serve                        a server to test against
  $ wsctl load ws://127.0.0.1:8080/    load it`;

/** The command tree; `exit` is told the exit code of the command that ran. */
export function program(host: Host, exit: (code: number) => void): Command {
  const root = new Command("wsctl")
    .description(
      "Debug and load-test WebSocket services, with figures that say when they are not evidence.",
    )
    .version(version(), "-V, --version")
    .addHelpText("after", examples);
  root.addCommand(connectCommand(host, exit));
  root.addCommand(loadCommand(host, exit));
  root.addCommand(serveCommand(host, exit));
  for (const command of [root, ...root.commands]) {
    command
      .exitOverride()
      .configureOutput({
        writeOut: (text) => void host.stdout.write(text),
        writeErr: (text) => void host.stderr.write(text),
        // Errors are rendered in one place, by main.
        outputError: () => {},
        getOutHelpWidth: () => host.stdout.columns ?? 100,
        getErrHelpWidth: () => host.stderr.columns ?? 100,
      })
      .showSuggestionAfterError(true);
  }
  return root;
}
