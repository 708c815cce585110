/** Owns the flags that Node starts a worker with: this process's own, and what a load run wants of V8. */
import type { PacerName } from "../scenario/plan.js";

/** What the flags depend on. */
export interface WorkerNeeds {
  readonly workers: number;
  /** Of the machine. */
  readonly cores: number;
  /** Where somebody chose it. */
  readonly pacer: PacerName | undefined;
}

/**
 * A loop that never rests makes garbage in every turn. V8's young space grows by what survives, which
 * here is next to nothing: it stays so small that it is collected 46 times a second for 0.25 ms, and
 * that is the 99th percentile of the lag. So it is given its usual full size, in MiB, from the start.
 */
const restlessYoungSpace = 16;

/** Flags that are followed by a script, which is not the worker's. */
const scripts = new Set(["-e", "--eval", "-p", "-pe", "--print"]);

/**
 * The flags for each worker. What stands in `own` has the last word.
 * @param own the flags of this process
 */
export function workerFlags(
  own: readonly string[],
  { workers, cores, pacer }: WorkerNeeds,
): string[] {
  const flags: string[] = [];
  // V8 compiles and collects in four threads beside the event loop. Where workers leave no core to
  // spare, those only take turns with it.
  if (workers >= cores - 1) flags.push("--v8-pool-size=1");
  if (pacer === "spin") flags.push(`--min-semi-space-size=${restlessYoungSpace}`);
  const kept = own.filter((flag, i) => !scripts.has(flag) && !scripts.has(own[i - 1] ?? ""));
  return [...flags, ...kept];
}
