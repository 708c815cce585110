/** Owns when a broadcast is settled: what has not come by then has not reached its recipient. */
import type { Plan } from "../../scenario/plan.js";

/** Who leaves is looked at for a second: with less than this it would not be known who was there. */
const least = 2000;

/** Milliseconds after its sending: as long as a reply is waited for. */
export function settleTime({ correlate }: Plan): number {
  return Math.max(least, correlate.timeout);
}

/** Whether broadcasts of a plan are followed: some scenario says who is to hear it, and stamps are read. */
export function hasFanout({ traffic, correlate }: Plan): boolean {
  if (traffic.model !== "flow" || correlate.by === "order") return false;
  return traffic.flow.scenarios.some(({ audience, weight }) => {
    return audience !== undefined && weight > 0;
  });
}
