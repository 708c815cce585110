/** Owns how the model of a run is called. */
import { formatCount, formatDuration } from "../base/quantity.js";
import type { RunFacts, RunResult } from "../metrics/run-result.js";

/** What is known of a run's model. */
interface Model extends Pick<RunFacts, "model" | "askedRate"> {
  /** What becomes of replies where virtual users send and nobody waits. */
  readonly unheard?: string | undefined;
}

/** The model of a run in words. */
export function modelInWords({ model, askedRate, unheard = "listening only" }: Model): string {
  if (model === "closed") return "closed loop";
  if (model === "idle") return unheard;
  // Of virtual users each has rates of its own.
  if (askedRate === undefined) return "given rates";
  return `fixed rate, ${formatCount(askedRate)} messages/s`;
}

/** What the load was, in one line. */
export function loadInWords(result: RunResult): string {
  const { run, plan } = result;
  const on = `${formatCount(Number(plan["connections"]))} ${run.users ? "virtual users" : "connections"}`;
  const model = modelInWords({ ...run, unheard: unheardIn(result) });
  if (run.warmupFor === undefined) {
    return `${model} for ${formatDuration(run.trafficFor)} on ${on}`;
  }
  const warmup = formatDuration(run.warmupFor);
  if (run.trafficFor === 0) return `${model} on ${on}, over after ${warmup}, in its warm-up`;
  return `${model} for ${formatDuration(run.trafficFor)} on ${on} after a warm-up of ${warmup}`;
}

/** Users that send without waiting do not only listen. */
function unheardIn({ run, plan, totals }: RunResult): string | undefined {
  const sent = (totals["ws_msgs_sent"] ?? 0) - (totals["ws_auto_replies"] ?? 0);
  if (!run.users || sent <= 0) return undefined;
  const { by } = Object(plan["correlate"]) as { by?: unknown };
  return by === "none" ? "replies not correlated" : "no replies awaited";
}

/** What became of virtual users, in one line; undefined without any. */
export function usersInWords(result: RunResult): string | undefined {
  const { users } = result.run;
  if (!users) return undefined;
  const { begun, completed, lost, dropped } = users;
  // Whose flow was over and who was cut by the end of the run is not counted apart.
  return (
    `users: ${formatCount(begun)} began, ${formatCount(completed)} ended with their flow or ${endOf(result)}` +
    (lost > 0 ? `, ${formatCount(lost)} lost their connection for good` : "") +
    (dropped > 0 ? `, ${formatCount(dropped)} found no place` : "")
  );
}

/** What ended users that were under way at the end of the run. */
function endOf({ interrupted, thresholds }: RunResult): string {
  if (interrupted) return "by the interruption";
  if (thresholds.some(({ aborted }) => aborted)) return "by a threshold";
  return "with the run";
}
