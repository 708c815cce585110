/** Owns the end of the text report: whether the figures add up, how the generator fared, the verdict. */
import { formatCount, formatDuration, formatSize } from "../base/quantity.js";
import { safeLine } from "../base/safe-text.js";
import type { RunResult } from "../metrics/run-result.js";
import { warn, type Ink } from "./ink.js";
import { factLines, type Section } from "./section.js";
import { reasonsOf } from "./reasons.js";
import { verdictOf } from "./verdict.js";

/** No reason takes more than this, nor a line of its own. */
const longest = 1000;

/** The conservation sums, and the server's own counts beside ours. */
export function conservationSection(result: RunResult, ink: Ink): Section {
  const { chalk } = ink;
  const { conservation } = result;
  const { expected, answered, disconnected, timedOut, inFlight, late, server } = conservation;
  const mark = (ok: boolean): string => (ok ? chalk.green("✔") : chalk.red("✘"));
  const lines: string[] = [];
  if (expected > 0) {
    const holds = conservation.difference === 0 && conservation.connectionsOff === 0;
    lines.push(
      ...fitted(
        mark(holds),
        `${formatCount(expected)} expected = ${formatCount(answered)} answered`,
        `+ ${formatCount(disconnected)} disconnected + ${formatCount(timedOut)} timed out + ${formatCount(inFlight)} in flight`,
        ink,
      ),
    );
    if (late > 0) lines.push(`  ${formatCount(late)} of the timed out were answered late`);
  }
  if (server) {
    lines.push(
      ...fitted(
        server.explained ? warn(ink, "≈") : mark(server.equal),
        `the server counted ${formatCount(server.receivedByServer)} received (we sent ${formatCount(server.sentByUs)})`,
        `and ${formatCount(server.sentByServer)} sent (we received ${formatCount(server.receivedByUs)})`,
        ink,
      ),
      ...(server.detail ? [`  ${safeLine(server.detail, longest)}`] : []),
    );
  }
  return { title: "conservation", lines };
}

/** A sentence behind its mark, on one line, or on two where there is no room for it. */
function fitted(mark: string, begin: string, end: string, { width }: Ink): string[] {
  const whole = `${begin} ${end}`;
  return whole.length + 2 <= width ? [`${mark} ${whole}`] : [`${mark} ${begin}`, `  ${end}`];
}

/** How the generator itself fared. */
export function generatorSection(result: RunResult, { width }: Ink): Section {
  const { run, totals } = result;
  const gauge = (key: string): number => totals[key] ?? 0;
  const facts = [
    `${run.workers} worker${run.workers === 1 ? "" : "s"}`,
    ...(run.pacer ? [pacerFact(run.pacer, run.pacerBecause)] : []),
    `CPU ${(gauge("wsctl_cpu") * 100).toFixed(0)} % of a core`,
    `loop delay p99 ${formatDuration(gauge("wsctl_loop_lag"))}`,
    `memory ${formatSize(gauge("wsctl_rss"))}`,
  ];
  const queued = gauge("ws_backpressure");
  return {
    title: "generator",
    lines: [
      ...factLines(facts, width),
      ...(queued > 0 ? [`queued at most ${formatSize(queued)} on one connection`] : []),
    ],
  };
}

function pacerFact(pacer: string, because: string | undefined): string {
  const why = because === undefined ? "" : ` (${safeLine(because)})`;
  return `pacer ${safeLine(pacer)}${why}`;
}

/** Whether the figures are evidence, and of what. */
export function verdictSection(result: RunResult, ink: Ink): Section {
  const { chalk } = ink;
  const { validity, run, interrupted, env, thresholds } = result;
  const lines: string[] = [];
  if (interrupted) lines.push(warn(ink, "INTERRUPTED  the run was ended before its time"));
  if (validity.ok && run.trafficFor > 0) lines.push(chalk.green("VALID"));
  const { kind, words } = verdictOf(result);
  if (kind === "passed" && words !== "passed") lines.push(warn(ink, words));
  // In the order in which the one goes before the other.
  for (const { code, detail, remedy } of reasonsOf(result)) {
    lines.push(
      `${chalk.red("INVALID")}  ${chalk.bold(safeLine(code))}: ${safeLine(detail, longest)}`,
    );
    lines.push(`         ${chalk.dim(safeLine(remedy, longest))}`);
  }
  const missed = thresholds.filter(({ ok }) => !ok);
  if (missed.length > 0) {
    const aborted = missed.some((threshold) => threshold.aborted);
    lines.push(
      `${chalk.red("FAILED")}  ${missed.length} of ${thresholds.length} threshold${thresholds.length === 1 ? "" : "s"}` +
        (aborted ? ", and the run was ended for it" : ""),
    );
  }
  const sessions = result.totals["ws_sessions"] ?? 0;
  // Users that never began, or began more than once, are told of elsewhere.
  const missing = run.users ? 0 : Number(result.plan["connections"]) - sessions;
  if (!interrupted && sessions > 0 && missing > 0) {
    lines.push(
      warn(ink, `${formatCount(missing)} connections did not open: the figures are of the rest`),
    );
  }
  const rtt = result.trends["ws_msg_rtt"];
  const lag = result.trends["ws_schedule_lag"];
  if (run.model === "rate" && rtt && lag && lag.p50 > rtt.p50 / 2) {
    lines.push(
      warn(
        ink,
        `most of the median ws_msg_rtt is the generator's own lateness (${formatDuration(lag.p50)}): for the server see ws_msg_rtt_sent`,
      ),
    );
  }
  if (run.model === "closed" && run.trafficFor > 0) {
    lines.push(
      chalk.dim(
        run.users
          ? "closed loop: users wait for replies and pause; rates follow from them"
          : "closed loop: this is the latency at full throughput, not what users feel at a given rate",
      ),
    );
  }
  if (run.loopback) {
    lines.push(chalk.dim(`loopback: client and server shared this machine's ${env.cores} cores`));
  }
  return { title: "verdict", lines };
}
