/** Owns `wsctl load --dry-run`: one user of each scenario, and every step as it happens. */
import { randomUUID } from "node:crypto";
import { safeLine } from "../../base/safe-text.js";
import { formatDuration } from "../../base/quantity.js";
import { Coordinator } from "../../cluster/coordinator.js";
import type { RunOutcome } from "../../cluster/run-options.js";
import type { TraceEvent } from "../../load/flow/trace.js";
import type { Output } from "../../metrics/output.js";
import type { Plan } from "../../scenario/plan.js";
import { redactUrl } from "../../base/redact-url.js";
import { dryPlan, longestStep } from "../dry-run/dry-plan.js";
import { HereTransport } from "../dry-run/here.js";
import { Outcome } from "../dry-run/outcome.js";
import { StepWords } from "../dry-run/step-words.js";
import { TraceView } from "../dry-run/trace-view.js";
import { ExitCode, exitCodeOf } from "../exit-codes.js";
import type { Host } from "../host.js";
import { inkFor } from "../ink.js";
import type { Interrupt } from "../interrupt.js";
import { renderError } from "../render-error.js";
import type { LoadOptions } from "./load-flags.js";

/**
 * Plays the plan once and shows it; returns the exit code: that of a connection that could not be
 * opened, 6 when an expectation was not met or a step failed, 5 when the connection ended badly.
 */
export async function dryRun(
  host: Host,
  given: Plan,
  flags: LoadOptions,
  interrupt: Interrupt,
): Promise<number> {
  const plan = dryPlan(given);
  const ink = inkFor(host, host.stdout, flags.color);
  const flow = plan.traffic.model === "flow" ? plan.traffic.flow : undefined;
  const names = flow?.scenarios.map(({ name }) => name) ?? ["main"];
  const view = new TraceView(names, new StepWords(flow), ink);
  const outcome = new Outcome();
  const trace = (event: TraceEvent): void => {
    outcome.add(event);
    host.stdout.write(flags.json ? `${JSON.stringify(event)}\n` : view.lines(event));
  };
  if (!flags.quiet) host.stderr.write(heading(plan, names));
  const ran = await new Coordinator(plan, {
    run: randomUUID(),
    transport: new HereTransport(host, trace),
    workers: 1,
    outputs: [logsTo((line) => void host.stdout.write(flags.json ? "" : view.log(line)))],
    env: host.environment,
    clock: host,
    stop: interrupt.stop,
    abort: interrupt.abort,
  }).run();
  return conclude(host, flags, interrupt, ran, { outcome, view });
}

/** An output that hears only what `log` steps say. */
function logsTo(log: (line: string) => void): Output {
  return { start() {}, phase() {}, add() {}, stop() {}, log };
}

function heading(plan: Plan, names: readonly string[]): string {
  const who =
    names.length === 1
      ? "one user, once through its flow"
      : `one user of each of ${names.length} scenarios, once through its flow`;
  const where = [...new Set(plan.targets.map(redactUrl))].join(", ");
  const rest = `what lasts longer than ${formatDuration(longestStep)} is cut short; thresholds are not looked at`;
  return `dry run: ${who}\n  ${safeLine(where)}\n  ${rest}\n\n`;
}

function conclude(
  host: Host,
  flags: LoadOptions,
  interrupt: Interrupt,
  { result, failure }: RunOutcome,
  { outcome, view }: { readonly outcome: Outcome; readonly view: TraceView },
): number {
  const onStderr = inkFor(host, host.stderr, flags.color);
  // Of a run that never opened anything the cause is all there is to tell.
  for (const error of failure ? [] : outcome.untold(result)) {
    const { what, count, example } = error;
    const event = { what: "error", detail: `${what}: ${example}`, count };
    host.stdout.write(flags.json ? `${JSON.stringify(event)}\n` : view.error(error));
  }
  if (failure) host.stderr.write(renderError(failure, onStderr));
  const exitCode = outcome.exitCode(result);
  if (!failure && !flags.quiet && interrupt.exitCode === undefined) {
    const { chalk } = onStderr;
    const [words = "", ...more] = outcome.summary(result);
    const said = exitCode === ExitCode.ok ? chalk.green(`✓ ${words}`) : chalk.red(`✗ ${words}`);
    host.stderr.write(`\n${said}\n${more.map((line) => chalk.dim(`  ${line}\n`)).join("")}`);
  }
  if (interrupt.exitCode !== undefined) return interrupt.exitCode;
  return failure ? exitCodeOf(failure.code) : exitCode;
}
