/** Owns one run of `wsctl load`: workers, what shows its course, and the page that serves it. */
import { randomUUID } from "node:crypto";
import { Coordinator } from "../../cluster/coordinator.js";
import type { RunOutcome } from "../../cluster/run-options.js";
import { IpcTransport } from "../../cluster/ipc.js";
import { workerFlags } from "../../cluster/worker-flags.js";
import { portUseOf } from "../../load/local-ports.js";
import { silencedShare } from "../../load/flow/silenced.js";
import { checkOwnAddresses } from "../../load/own-addresses.js";
import { preflight, readLimits } from "../../load/preflight.js";
import type { Output } from "../../metrics/output.js";
import { LivePanel } from "../../report/live-panel.js";
import { ProgressLines } from "../../report/progress-lines.js";
import { PrometheusPage } from "../../report/prometheus-page.js";
import type { Plan } from "../../scenario/plan.js";
import type { Host } from "../host.js";
import { TerminalCanvas } from "../canvas.js";
import { inkFor, isLive } from "../ink.js";
import type { Interrupt } from "../interrupt.js";
import { type ServedPage, servePage } from "../outputs/metrics-page.js";
import type { OutputSpec } from "../outputs/output-spec.js";
import type { LoadOptions } from "./load-flags.js";

/** Plays the plan to its end; `scenario` is the file it came from, as it was named. */
export async function runPlan(
  host: Host,
  plan: Plan,
  flags: LoadOptions,
  specs: readonly OutputSpec<string>[],
  interrupt: Interrupt,
  scenario: string | undefined,
): Promise<RunOutcome> {
  const portUse = await portUseOf(plan);
  // Of many addresses a few connections take the first.
  await checkOwnAddresses(portUse.localAddresses.slice(0, plan.connections));
  const { workers, warnings } = preflight(
    {
      connections: plan.connections,
      places: plan.traffic.model === "flow" ? plan.traffic.flow.load.maxConnections : undefined,
      silenced: plan.traffic.model === "flow" ? silencedShare(plan.traffic.flow) : undefined,
      workers: flags.workers,
      cores: host.environment.cores,
      portUse,
      secure: plan.targets.some((url) => url.startsWith("wss:")),
      embedded: flags.serve === true,
    },
    await readLimits(portUse),
  );
  for (const { message, hint } of warnings) {
    host.stderr.write(`warning: ${message}\nhint: ${hint}\n`);
  }
  const pages = await servedPages(host, flags, specs);
  try {
    return await new Coordinator(plan, {
      run: randomUUID(),
      scenario,
      transport: new IpcTransport({
        execArgv: workerFlags(process.execArgv, {
          workers,
          cores: host.environment.cores,
          pacer: flags.pacer,
        }),
      }),
      workers,
      pacer: flags.pacer,
      outputs: [...outputsFor(host, flags), ...pages.map(({ page }) => page)],
      env: host.environment,
      clock: host,
      stop: interrupt.stop,
      abort: interrupt.abort,
    }).run();
  } finally {
    for (const { served } of pages) served.close();
  }
}

/** Whether the course of the run is a panel that is drawn again and again. */
function hasPanel(host: Host, flags: LoadOptions): boolean {
  return flags.tui && isLive(host, host.stderr);
}

async function servedPages(
  host: Host,
  flags: LoadOptions,
  specs: readonly OutputSpec<string>[],
): Promise<{ page: PrometheusPage; served: ServedPage }[]> {
  const pages: { page: PrometheusPage; served: ServedPage }[] = [];
  for (const { destination, given } of specs) {
    if (destination.to !== "page") continue;
    const page = new PrometheusPage();
    const served = await servePage(destination, given, () => page.render());
    // A port that was drawn is known from here alone.
    if (!flags.quiet || destination.port === 0) host.stderr.write(`metrics: ${served.url}\n`);
    pages.push({ page, served });
  }
  return pages;
}

function outputsFor(host: Host, flags: LoadOptions): Output[] {
  if (flags.quiet) return [];
  const isVerbose = flags.verbose;
  if (!hasPanel(host, flags)) {
    const write = (line: string): void => void host.stderr.write(`${line}\n`);
    return [new ProgressLines(write, { isVerbose })];
  }
  const canvas = new TerminalCanvas(process.stderr);
  return [new LivePanel(inkFor(host, host.stderr, flags.color), canvas, { isVerbose })];
}
