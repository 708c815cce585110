/** Owns `wsctl serve`: the test server on a terminal, or as a part of other programs. */
import cluster from "node:cluster";
import { randomUUID } from "node:crypto";
import { WsctlError } from "../../base/errors.js";
import type { Watcher } from "../../serve/events.js";
import { serve } from "../../serve/server.js";
import { ExitCode } from "../exit-codes.js";
import type { Host } from "../host.js";
import { inkFor } from "../ink.js";
import { Interrupt } from "../interrupt.js";
import { aborted, untilEnd } from "../until-end.js";
import { runServeChild } from "./serve-child.js";
import { faultList } from "./serve-faults.js";
import { flagValues } from "./serve-flags.js";
import { serveOptions } from "./serve-options.js";
import { ProcessGroup } from "./serve-processes.js";
import { type Asked, certificateFor, chosenMode, setUp } from "./serve-setup.js";
import { type Listening, ServeView } from "./serve-view.js";

/** A server to show and to end, in this process or in several. */
interface Started extends Listening {
  close(): Promise<void>;
  /** Rejects when it ended by itself. */
  readonly lost?: Promise<never>;
  /** Whether something went wrong that did not end it. */
  readonly failed?: () => boolean;
}

/** The command; `exit` is told its exit code. */
export function serveCommand(host: Host, exit: (code: number) => void) {
  return serveOptions().action(async (given, flags) => {
    if (flags.listFaults) {
      host.stdout.write(faultList(flags.json === true, inkFor(host, host.stdout, flags.color)));
      exit(ExitCode.ok);
      return;
    }
    const { name, kind } = chosenMode(given);
    if (cluster.isWorker) {
      await runServeChild(host, name, flags);
      exit(ExitCode.ok);
      return;
    }
    const shares = flagValues(name, flags).get("redis") !== undefined;
    if (flags.processes > 1 && kind.needsFleet && !shares) {
      throw new WsctlError("WSCTL_EUSAGE", `the mode ${name} needs one process`, {
        hint: "clients of several would not hear of each other: leave --processes out, or share over --redis URL",
      });
    }
    const seed = flags.seed ?? randomUUID();
    const view = new ServeView(host, name, { ...flags, seed, verbose: Number(flags.verbose) });
    const interrupt = new Interrupt(host, () => view.ending());
    try {
      const asked = { name, flags, seed, tls: await certificateFor(flags) };
      exit(await show(host, asked, view, interrupt));
    } finally {
      interrupt.dispose();
    }
  });
}

async function show(
  host: Host,
  asked: Asked,
  view: ServeView,
  interrupt: Interrupt,
): Promise<number> {
  const { flags, tls } = asked;
  const started =
    flags.processes > 1 ? await startGroup(host, asked, view) : await startHere(host, asked, view);
  view.begin(started, tls);
  const end = untilEnd(host, interrupt, flags.untilStdinEnds === true);
  try {
    await Promise.race([end, ...(started.lost ? [started.lost] : [])]);
  } finally {
    await Promise.race([started.close(), aborted(interrupt)]);
    await view.end();
  }
  return started.failed?.() ? ExitCode.failed : ExitCode.ok;
}

async function startHere(host: Host, asked: Asked, view: ServeView): Promise<Started> {
  let failed = false;
  const logFailed = (why: string): void => {
    failed = true;
    view.trouble(`${why}; nothing more is logged`);
  };
  const { options, closeLog } = await setUp(host, asked, view, { logFailed });
  const server = await serve(options);
  const { url, control, token, controlled } = server;
  return {
    url,
    control,
    token,
    controlled,
    async close() {
      await server.close();
      await closeLog();
    },
    failed: () => failed,
  };
}

async function startGroup(host: Host, asked: Asked, watcher: Watcher): Promise<Started> {
  const { flags } = asked;
  if (flags.log !== undefined || flags.keepLog !== undefined) {
    throw new WsctlError("WSCTL_EUSAGE", "a log is only kept by a server of one process", {
      hint: "leave out --processes, or --log and --keep-log",
    });
  }
  // What is wrong with the flags is better said once, and before any process is started.
  const { options } = await setUp(host, asked, watcher);
  await options.mode.close?.();
  for (const guard of options.guards) guard.close?.();
  options.faults?.close();
  return ProcessGroup.start(host, asked, watcher);
}
