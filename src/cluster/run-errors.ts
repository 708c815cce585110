/** Owns the errors that a run tells of: those of its workers, and what is worth a word beside them. */
import { formatCount } from "../base/quantity.js";
import type { Finished } from "../load/engine.js";
import type { Accumulator } from "../metrics/accumulator.js";
import { parseSeriesKey } from "../metrics/catalogue.js";
import type { RunError } from "../metrics/run-result.js";

/** All of them, those of the workers by how often they happened. */
export function errorsOf(
  finished: readonly Finished[],
  totals: Readonly<Record<string, number>>,
  merged: Accumulator,
): RunError[] {
  return [...mergeErrors(finished), ...leftBehind(totals), ...notKept(merged)];
}

/** Messages of connections that ended with some of them in their queues, by what their cause is called. */
export function leftInQueues(
  totals: Readonly<Record<string, number>>,
  counts: (cause: string) => boolean,
): number {
  let sum = 0;
  for (const [key, value] of Object.entries(totals)) {
    const { name, tags } = parseSeriesKey(key);
    if (name === "ws_msg_unconfirmed" && counts(tags["cause"] ?? "")) sum += value;
  }
  return sum;
}

/** The same where the end was somebody's decision, as that of an event: worth a word, and no surprise. */
function leftBehind(totals: Readonly<Record<string, number>>): RunError[] {
  const count = leftInQueues(totals, (cause) => cause.endsWith("-backlog"));
  if (count === 0) return [];
  const example = `up to ${formatCount(count)} messages counted as sent still stood in queues when their connections were dropped, failed, or closed by the server`;
  return [{ what: "sends left behind", count, example }];
}

/** What was measured and could not all be kept apart. */
function notKept({ isFull, isPartial }: Accumulator): RunError[] {
  const kinds = [
    isFull && "there were too many series: further ones are counted together, by metric",
    isPartial && "there are too many scenarios and stages to keep the distributions of each",
  ];
  return kinds.flatMap((example) =>
    example ? [{ what: "not kept apart", count: 1, example }] : [],
  );
}

function mergeErrors(finished: readonly Finished[]): RunError[] {
  const merged = new Map<string, RunError>();
  for (const error of finished.flatMap((worker) => worker.errors)) {
    const before = merged.get(error.what);
    merged.set(error.what, { ...(before ?? error), count: (before?.count ?? 0) + error.count });
  }
  return [...merged.values()].toSorted((a, b) => b.count - a.count);
}
