/** Owns the end of the output: whoever does not read what was written is not waited for without end. */
import type { HostOutput } from "../host.js";

/** So long may the last lines take to be read, in ms. */
const patience = 1000;
/** How often is looked whether they are, in ms. */
const lookEvery = 20;

/** Resolves when everything was taken; gives the stream up where nobody takes it, or at `hurry`. */
export async function letLeave(stdout: HostOutput, hurry: AbortSignal): Promise<void> {
  const until = performance.now() + patience;
  while ((stdout.writableLength ?? 0) > 0) {
    if (performance.now() > until || hurry.aborted) {
      giveUp(stdout);
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, lookEvery));
  }
}

/**
 * What is still written is forgotten, and whoever waits for that waits no more. To destroy the stream
 * would not do: Node keeps those of the process alive, with all that waits in them.
 */
function giveUp(stdout: HostOutput): void {
  stdout.write = (_bytes: string | Uint8Array, done?: () => void): boolean => {
    done?.();
    return true;
  };
}
