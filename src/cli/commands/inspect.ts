/** Owns `wsctl inspect`: flags → inspection → pages → exit code. */
import { WsctlError } from "../../base/errors.js";
import { type Accepted, readBaseline } from "../../findings/baseline.js";
import type { Inspection } from "../../findings/inspection.js";
import { inspect, type InspectOptions } from "../../inspect/inspect.js";
import { planOf } from "../../inspect/plan.js";
import { startEmbedded } from "../embedded-server.js";
import { ExitCode } from "../exit-codes.js";
import type { Host } from "../host.js";
import { inkFor } from "../ink.js";
import { Interrupt } from "../interrupt.js";
import { withAskedSecrets } from "../secret-prompt.js";
import { fileText } from "../text-source.js";
import { hostToAuthorize, requireAuthorized, selectionOf } from "./inspect-choice.js";
import { concludeInspection, inspectOutputs } from "./inspect-conclude.js";
import {
  budgetWords,
  checkDocument,
  checkTable,
  planDocument,
  planPage,
  type Planned,
} from "./inspect-list.js";
import { inspectOptions } from "./inspect-options.js";
import { InspectProgress } from "./inspect-progress.js";
import {
  type Dialling,
  diallingOf,
  givenOf,
  type InspectPlace,
  inspectPlace,
  shownUrl,
  type Typed,
} from "./inspect-target.js";

/** The command; `exit` is told its exit code. */
export function inspectCommand(host: Host, exit: (code: number) => void) {
  return inspectOptions().action(async (url, flags, command) => {
    const isGiven = (flag: string): boolean =>
      command.getOptionValueSource(flag as keyof typeof flags) === "cli";
    exit(await inspectCommanded(host, { url, flags, isGiven }));
  });
}

async function inspectCommanded(host: Host, typed: Typed): Promise<number> {
  const { list, json, color } = typed.flags;
  if (list) {
    host.stdout.write(json ? checkDocument() : checkTable(inkFor(host, host.stdout, color)));
    return ExitCode.ok;
  }
  // Everything that can be wrong with the flags is said before a server is started for them.
  const place = inspectPlace(host, typed);
  const { flags } = place;
  for (const note of place.notes) if (!flags.quiet) host.stderr.write(`${note}\n`);
  if (flags.dryRun) return dryRun(host, place);
  const outputs = inspectOutputs(flags);
  const accepted = flags.baseline === undefined ? "" : fileText(flags.baseline);
  const known = accepted === "" ? new Map<never, never>() : readBaseline(accepted, flags.baseline!);
  const asked = { ...place, flags: await withAskedSecrets(flags, host) };
  requireAuthorized(...harshness(asked, host), flags.iAmAuthorized);
  const interrupt = new Interrupt(host, () => {
    if (!flags.quiet) host.stderr.write("\nending the inspection; Ctrl-C again leaves at once\n");
  });
  const server = flags.serve ? await startEmbedded(host, flags.serveMode ?? "echo") : undefined;
  try {
    const found = { ...asked, url: server?.url ?? place.url };
    const inspection = await look(host, found, known, interrupt);
    const judged = { inspection, failOn: flags.failOn, verbose: flags.verbose };
    return concludeInspection(host, judged, outputs, { color, signal: interrupt.exitCode });
  } catch (error) {
    const isAborted = error instanceof WsctlError && error.code === "WSCTL_EABORTED";
    const isCoded = interrupt.exitCode !== undefined && flags.health !== "nagios";
    if (!isAborted || !isCoded) throw error;
    return interrupt.exitCode;
  } finally {
    interrupt.dispose();
    await server?.close();
  }
}

/** What the plan is, and for whom; a mistake in the flags is told by making it. */
function harshness(place: InspectPlace, host: Host): Parameters<typeof hostToAuthorize> {
  const dialling = diallingOf(place, host.env);
  givenOf(place.flags, host.env);
  return [dialling, planFor(place, dialling).checks];
}

function planFor({ flags }: InspectPlace, { target, dial }: Dialling): Planned["plan"] {
  return planOf(target, { dial, selection: selectionOf(flags), runs: flags.runs });
}

function dryRun(host: Host, place: InspectPlace): number {
  const { flags, url } = place;
  const dialling = diallingOf(place, host.env);
  const plan = planFor(place, dialling);
  const planned: Planned = {
    url: flags.serve ? "an embedded server" : shownUrl(url),
    plan,
    runs: flags.runs,
    authorize: hostToAuthorize(dialling, plan.checks),
  };
  const ink = inkFor(host, host.stdout, flags.color);
  host.stdout.write(flags.json ? planDocument(planned) : planPage(planned, ink));
  return ExitCode.ok;
}

/** Rejects at the second signal: whoever sends it does not want to wait for the page. */
function leaving({ abort }: Interrupt): Promise<never> {
  return new Promise((_, reject) => {
    abort.addEventListener("abort", () => {
      reject(new WsctlError("WSCTL_EABORTED", "the inspection was given up"));
    });
  });
}

async function look(
  host: Host,
  place: InspectPlace,
  accepted: Accepted,
  interrupt: Interrupt,
): Promise<Inspection> {
  const { flags } = place;
  const dialling = diallingOf(place, host.env);
  const plan = planFor(place, dialling);
  const isMore = flags.runs > 0 || plan.checks.some(({ tier }) => tier !== "default");
  if (isMore && !flags.quiet) host.stderr.write(`budget: ${budgetWords(plan.cost)}\n`);
  const progress = new InspectProgress(host, flags);
  const options: InspectOptions = {
    dial: dialling.dial,
    selection: selectionOf(flags),
    runs: flags.runs,
    given: givenOf(flags, host.env),
    accepted,
    wsctl: host.environment.wsctl,
    date: host.date(),
    spacing: flags.spacing,
    signal: interrupt.stop,
    onProgress: (done, of, rule) => progress.check(done, of, rule),
  };
  progress.begin();
  try {
    return await Promise.race([inspect(dialling.target, options), leaving(interrupt)]);
  } finally {
    progress.end();
  }
}
