/** Owns `wsctl serve`: the test server on a terminal, or as a part of other programs. */
import { Argument, Command } from "@commander-js/extra-typings";
import { createLogUpdate } from "log-update";
import { WsctlError } from "../../base/errors.js";
import { formatCount, parseSize } from "../../base/quantity.js";
import { isModeName, modes } from "../../serve/modes.js";
import { serve, type RunningServer } from "../../serve/server.js";
import type { Stats } from "../../serve/counters.js";
import { ExitCode } from "../exit-codes.js";
import type { Host } from "../host.js";
import { inkFor, isLive } from "../ink.js";
import { Interrupt } from "../interrupt.js";
import { checked, parsePort } from "../options.js";

const refreshEvery = 1000;

/** The command; `exit` is told its exit code. */
export function serveCommand(host: Host, exit: (code: number) => void) {
  return new Command("serve")
    .description("run a WebSocket server to test against")
    .addArgument(
      new Argument("[mode]", "how it behaves: " + describeModes())
        .choices(Object.keys(modes))
        .default("echo"),
    )
    .option("--host <address>", "address to listen on", "127.0.0.1")
    .option("--port <number>", "port to listen on, 0 for any free one", parsePort, 8080)
    .option("--control-port <number>", "port of /stats on loopback, 0 for any", parsePort, 0)
    .option("--max-payload <size>", "largest message that is accepted", checked(parseSize), 2 ** 24)
    .option("--json", "print events as JSON lines")
    .option("-q, --quiet", "print nothing but errors")
    .option("--no-color", "no colours")
    .option("--until-stdin-ends", "stop when standard input ends, as for a child process")
    .addHelpText(
      "after",
      `
Examples:
  $ wsctl serve                          echo on ws://127.0.0.1:8080/
  $ wsctl serve --port 0 --json          any free port; the first line says which
  $ curl http://127.0.0.1:PORT/stats     exact counters, at the control port`,
    )
    .action(async (name, flags) => {
      if (!isModeName(name)) throw new WsctlError("WSCTL_EUSAGE", `there is no mode ${name}`);
      const interrupt = new Interrupt(host, () => {});
      const server = await serve({ mode: name, ...flags });
      const undo = announce(host, name, server, flags);
      await untilEnd(host, interrupt, flags.untilStdinEnds === true);
      undo();
      await Promise.race([server.close(), aborted(interrupt)]);
      interrupt.dispose();
      exit(ExitCode.ok);
    });
}

function describeModes(): string {
  return Object.entries(modes)
    .map(([name, { summary }]) => `${name} (${summary})`)
    .join(", ");
}

/** Says where it listens, and on a terminal how it goes; returns how to stop saying so. */
function announce(
  host: Host,
  mode: string,
  server: RunningServer,
  flags: { json?: true; quiet?: true; color: boolean },
): () => void {
  const { url, control } = server;
  if (flags.json) {
    host.stdout.write(`${JSON.stringify({ event: "listening", mode, url, control })}\n`);
    return () => {};
  }
  if (flags.quiet) return () => {};
  const { chalk } = inkFor(host, host.stderr, flags.color);
  host.stderr.write(`\n  ${chalk.bold(mode)} on ${chalk.cyan(url)}\n`);
  host.stderr.write(chalk.dim(`  counters at ${control}/stats · Ctrl-C stops\n\n`));
  if (!isLive(host, host.stderr)) return () => {};
  const live = createLogUpdate(process.stderr);
  let before = server.truth.total.stats();
  const timer = setInterval(() => {
    const now = server.truth.total.stats();
    live(`  ${liveLine(before, now)}\n`);
    before = now;
  }, refreshEvery);
  return () => {
    clearInterval(timer);
    live.done();
  };
}

function liveLine(before: Stats, now: Stats): string {
  const perSecond = (direction: "received" | "sent"): string =>
    `${formatCount(now.messages[direction] - before.messages[direction])}/s ${direction}`;
  return [
    `${formatCount(now.connections.open)} open of ${formatCount(now.connections.opened)}`,
    perSecond("received"),
    perSecond("sent"),
    `${formatCount(now.messages.received)} messages in all`,
  ].join(" · ");
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
