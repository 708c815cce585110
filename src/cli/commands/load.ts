/** Owns `wsctl load`: flags → plan → run → report → exit code. */
import { Command, Option } from "@commander-js/extra-typings";
import { isUtf8 } from "node:buffer";
import { randomUUID } from "node:crypto";
import { createLogUpdate } from "log-update";
import { WsctlError } from "../../base/errors.js";
import { parseCount, parseDuration, parseRate, parseSize } from "../../base/quantity.js";
import { Coordinator, type RunOutcome } from "../../cluster/coordinator.js";
import { IpcTransport } from "../../cluster/ipc.js";
import { parseTarget } from "../../dial/target.js";
import { preflight, readLimits } from "../../load/preflight.js";
import type { Output } from "../../metrics/output.js";
import { LivePanel } from "../../report/live-panel.js";
import { ProgressLines } from "../../report/progress-lines.js";
import { reporters } from "../../report/reporters.js";
import { compile } from "../../scenario/compile.js";
import { scenarioFromFlags } from "../../scenario/from-flags.js";
import type { Plan } from "../../scenario/plan.js";
import type { SendSpec } from "../../scenario/scenario.js";
import { modes } from "../../serve/modes.js";
import { startEmbedded } from "../embedded-server.js";
import { ExitCode, exitCodeOf } from "../exit-codes.js";
import type { Host } from "../host.js";
import { inkFor, isLive } from "../ink.js";
import { Interrupt } from "../interrupt.js";
import { refuseCompression } from "../compression-flags.js";
import { configPlace } from "../config-place.js";
import { configure } from "../config.js";
import { withConnectionOptions } from "../connection-options.js";
import { connectionSpec, type SecretHeaders } from "../connection-spec.js";
import { checked, checkedBy, collect } from "../options.js";
import { renderError } from "../render-error.js";
import { withAskedSecrets } from "../secret-prompt.js";
import { fileBytes } from "../text-source.js";
import { urlWarnings } from "../url-secrets.js";

const examples = `
Examples:
  $ wsctl load --serve                              against an embedded echo server
  $ wsctl load ws://127.0.0.1:8080/ -c 100 -d 30s   100 connections, as fast as replies come
  $ wsctl load ws://127.0.0.1:8080/ -c 100 -r 2     2 messages per second on each: open model
  $ wsctl load ws://127.0.0.1:8080/ -R 5k --size 1KiB
  $ wsctl load ws://127.0.0.1:8080/ -c 10k -r 0     hold 10,000 idle connections
  $ wsctl load wss://example.test/ --ca ca.pem --json > run.json`;

function loadOptions() {
  return withConnectionOptions(new Command("load"))
    .optionsGroup("Load:")
    .option("-c, --connections <count>", "connections to hold", checkedBy(parseCount), "10")
    .option("-d, --duration <time>", "how long messages are sent", checkedBy(parseDuration), "5s")
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
    .option("-m, --message <text>", "message to send, or @file (repeatable: in turn)", collect)
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
    .option("--reply-timeout <time>", "a reply may take so long", checkedBy(parseDuration), "5s")
    .option("--graceful-stop <time>", "wait for last replies", checkedBy(parseDuration), "5s")
    .option("--workers <n>", "worker processes (default: cores − 1)", checked(parseCount))
    .optionsGroup("Server:")
    .option("--serve", "start an embedded server and load that")
    .addOption(
      new Option("--serve-mode <mode>", "the embedded server's mode")
        .choices([...modes.keys()])
        .implies({ serve: true }),
    )
    .optionsGroup("Output:")
    .option("--json", "print the result as one JSON document")
    .option("-q, --quiet", "no progress, only the report")
    .option("--no-tui", "progress as lines instead of a live panel")
    .option("--no-color", "no colours");
}

type LoadOptions = ReturnType<ReturnType<typeof loadOptions>["opts"]> & SecretHeaders;

/** The command; `exit` is told its exit code. */
export function loadCommand(host: Host, exit: (code: number) => void) {
  return loadOptions()
    .description("generate load, measure it, and say whether the figures are evidence")
    .argument("[url...]", "what to load, or @profile; several are taken in turn by connection")
    .addHelpText("after", examples)
    .action(async (given, plainFlags, command) => {
      const isGiven = (flag: string) =>
        command.getOptionValueSource(flag as keyof typeof plainFlags) === "cli";
      // Configured compression is meant for talking; on the command line it is a mistake.
      refuseCompression(plainFlags, "load");
      const configured = configure(given, plainFlags, isGiven, configPlace(host));
      const { urls, secretHeaders } = configured;
      const flags = { ...configured.flags, secretHeaders };
      for (const warning of [...configured.warnings, ...urlWarnings(given)]) {
        host.stderr.write(`warning: ${warning}\n`);
      }
      const interrupt = new Interrupt(host, () => {
        // The live panel says so itself.
        if (!flags.quiet && !hasPanel(host, flags))
          host.stderr.write("\nending the run; Ctrl-C again leaves at once\n");
      });
      try {
        exit(await load(host, urls, await withAskedSecrets(flags, host), interrupt));
      } catch (error) {
        // Which of the two signals it was is known here only.
        const aborted = error instanceof WsctlError && error.code === "WSCTL_EABORTED";
        if (!aborted || interrupt.exitCode === undefined) throw error;
        host.stderr.write(renderError(error, inkFor(host, host.stderr, flags.color)));
        exit(interrupt.exitCode);
      } finally {
        interrupt.dispose();
      }
    });
}

async function load(
  host: Host,
  urls: readonly string[],
  flags: LoadOptions,
  interrupt: Interrupt,
): Promise<number> {
  if (flags.serve && urls.length > 0) {
    throw new WsctlError("WSCTL_EUSAGE", "a URL and --serve exclude each other", {
      hint: "leave one of them out",
    });
  }
  if (!flags.serve && urls.length === 0) {
    throw new WsctlError("WSCTL_EUSAGE", "no URL was given", {
      hint: "name a target, or add --serve to load an embedded echo server",
    });
  }
  // Everything that can be wrong with the flags is said before a server is started for them.
  planOf(urls.length > 0 ? urls : ["ws://127.0.0.1:1/"], flags, host.env);
  const server = flags.serve ? await startEmbedded(host, flags.serveMode ?? "echo") : undefined;
  try {
    const plan = planOf(server ? [server.url] : urls, flags, host.env);
    return conclude(host, flags, interrupt, await run(host, plan, flags, interrupt));
  } finally {
    await server?.close();
  }
}

/** The plan that the flags describe; credentials in a URL become a header. */
function planOf(urls: readonly string[], flags: LoadOptions, env: Host["env"]): Plan {
  const targets = urls.map((url) => parseTarget(url));
  // What the environment says of proxies does not mean a server that was started for this run.
  const proxy = flags.proxy ?? (flags.serve ? false : undefined);
  const connection = connectionSpec(
    proxy === undefined ? flags : { ...flags, proxy },
    targets,
    env,
  );
  const isGiven = connection.headers.some(([name]) => name.toLowerCase() === "authorization");
  if (isGiven && targets.some((target) => target.authorization)) {
    throw new WsctlError("WSCTL_EUSAGE", "credentials are given in the URL and by a flag", {
      hint: "leave one of them out",
    });
  }
  const binary = flags.binary ?? false;
  return compile(
    scenarioFromFlags({
      ...flags,
      // Each target keeps its own credentials: those of one are nobody else's business.
      targets: targets.map((target) => target.href),
      connection,
      rate: flags.rate,
      totalRate: flags.totalRate,
      size: flags.size,
      messages: (flags.message ?? []).map((value) => sendSpec(value, binary)),
      firstMessages: (flags.firstMessage ?? []).map((value) => sendSpec(value, binary)),
      binary,
      inFlight: flags.inFlight,
    }),
  );
}

/** A message as it was given: the text, or for `@file` every byte that the file holds. */
function sendSpec(value: string, binary: boolean): SendSpec {
  if (!value.startsWith("@")) return { text: value, binary };
  const bytes = fileBytes(value.slice(1));
  if (binary) return { base64: bytes.toString("base64") };
  if (isUtf8(bytes)) return { text: bytes.toString("utf8") };
  throw new WsctlError("WSCTL_EUSAGE", `${value.slice(1)} is not UTF-8, and so no text message`, {
    hint: "add --binary to send it as a binary message",
  });
}

async function run(
  host: Host,
  plan: Plan,
  flags: LoadOptions,
  interrupt: Interrupt,
): Promise<RunOutcome> {
  const workers = preflight(
    {
      connections: plan.connections,
      workers: flags.workers,
      cores: host.environment.cores,
      targets: plan.targets.length,
      localAddresses: plan.connection.localAddress.length,
      secure: plan.targets.some((url) => url.startsWith("wss:")),
      embedded: flags.serve === true,
    },
    await readLimits(),
  );
  return new Coordinator(plan, {
    run: randomUUID(),
    transport: new IpcTransport(),
    workers,
    outputs: outputsFor(host, flags),
    env: host.environment,
    clock: host,
    stop: interrupt.stop,
    abort: interrupt.abort,
  }).run();
}

function hasPanel(host: Host, flags: LoadOptions): boolean {
  return flags.tui && isLive(host, host.stderr);
}

function outputsFor(host: Host, flags: LoadOptions): Output[] {
  if (flags.quiet) return [];
  if (!hasPanel(host, flags)) {
    return [new ProgressLines((line) => void host.stderr.write(`${line}\n`))];
  }
  const update = createLogUpdate(process.stderr);
  return [
    new LivePanel(inkFor(host, host.stderr, flags.color), {
      draw: update,
      clear: () => {
        update.clear();
        update.done();
      },
    }),
  ];
}

/**
 * Prints what the run came to; returns the exit code. That nothing opened at all has a cause of its
 * own, which says more than that such a run is no evidence.
 */
function conclude(
  host: Host,
  flags: LoadOptions,
  interrupt: Interrupt,
  { result, failure }: RunOutcome,
): number {
  // What only a worker could find wrong with the flags is a mistake all the same, and no run.
  if (failure?.code === "WSCTL_EUSAGE") {
    host.stderr.write(renderError(failure, inkFor(host, host.stderr, flags.color)));
    return ExitCode.usage;
  }
  const report = flags.json ? reporters.json : reporters.text;
  // Of a run that never opened anything the cause is all there is to tell.
  const isAnythingMeasured = (result.totals["ws_sessions"] ?? 0) > 0;
  if (flags.json || isAnythingMeasured || !failure) {
    host.stdout.write(report(result, inkFor(host, host.stdout, flags.color)));
  }
  if (failure) host.stderr.write(renderError(failure, inkFor(host, host.stderr, flags.color)));
  if (interrupt.exitCode !== undefined) return interrupt.exitCode;
  if (failure) return exitCodeOf(failure.code);
  return result.validity.ok ? ExitCode.ok : ExitCode.invalid;
}
