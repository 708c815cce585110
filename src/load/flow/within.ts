/** Owns drawing times from spans. */
import type { Random } from "../../base/random.js";
import type { Span } from "../../scenario/flow-plan.js";

/** A time from a span, in ms; a span of one time draws nothing. */
export function within([from, to]: Span, random: Random): number {
  return from === to ? from : from + (to - from) * random.float();
}
