/** Owns how long a listener runs: until a signal, or the end of standard input. */
import type { Host } from "./host.js";
import type { Interrupt } from "./interrupt.js";

/** Resolves at the first signal; with `stdinCounts` also at the end of standard input. */
export function untilEnd(host: Host, { stop }: Interrupt, stdinCounts: boolean): Promise<void> {
  return new Promise((resolve) => {
    if (stop.aborted) resolve();
    stop.addEventListener("abort", () => resolve());
    if (!stdinCounts) return;
    host.stdin.on("end", () => resolve()).on("error", () => resolve());
    host.stdin.resume();
  });
}

/** Resolves at the second signal. */
export function aborted({ abort }: Interrupt): Promise<void> {
  return new Promise((resolve) => {
    if (abort.aborted) resolve();
    abort.addEventListener("abort", () => resolve());
  });
}
