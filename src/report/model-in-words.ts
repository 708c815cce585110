/** Owns how the model of a run is called. */
import { formatCount } from "../base/quantity.js";
import type { RunFacts } from "../metrics/run-result.js";

/** The model of a run in words. */
export function modelInWords(run: Pick<RunFacts, "model" | "askedRate">): string {
  if (run.model === "closed") return "closed loop";
  if (run.model === "idle") return "listening only";
  return `fixed rate, ${formatCount(run.askedRate ?? 0)} messages/s`;
}
