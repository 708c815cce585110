/** Owns how the model of a run is called. */
import { formatCount, formatDuration } from "../base/quantity.js";
import type { RunFacts, RunResult, UserFacts } from "../metrics/run-result.js";

/** The model of a run in words. */
export function modelInWords(run: Pick<RunFacts, "model" | "askedRate">): string {
  if (run.model === "closed") return "closed loop";
  if (run.model === "idle") return "listening only";
  // Of virtual users each has rates of its own.
  if (run.askedRate === undefined) return "given rates";
  return `fixed rate, ${formatCount(run.askedRate)} messages/s`;
}

/** What the load was, in one line. */
export function loadInWords({ run, plan }: RunResult): string {
  const on = `${formatCount(Number(plan["connections"]))} ${run.users ? "virtual users" : "connections"}`;
  return `${modelInWords(run)} for ${formatDuration(run.trafficFor)} on ${on}`;
}

/** What became of virtual users, in one line. */
export function usersInWords({ begun, completed, lost, dropped }: UserFacts): string {
  return (
    `users: ${formatCount(begun)} began, ${formatCount(completed)} ended in time` +
    (lost > 0 ? `, ${formatCount(lost)} lost their connection for good` : "") +
    (dropped > 0 ? `, ${formatCount(dropped)} found no place` : "")
  );
}
