/** Owns the sum of several servers' counters: processes that share one port tell one truth. */
import type { Stats } from "./counters.js";

/**
 * Adds counters that have the same shape; what only some of them count is kept. The peak becomes
 * the sum of peaks: what was open at once is at most that.
 */
export function sumStats(parts: readonly Stats[]): Stats | undefined {
  const [first, ...rest] = parts;
  if (!first) return undefined;
  const sum = rest.reduce((all, part) => added(all, part) as Stats, first);
  const states = new Set(parts.flatMap(({ backplane }) => backplane?.state ?? []));
  const state = (["away", "up"] as const).find((one) => states.has(one));
  return sum.backplane && state ? { ...sum, backplane: { ...sum.backplane, state } } : sum;
}

function added(a: unknown, b: unknown): unknown {
  if (typeof a === "number" && typeof b === "number") return a + b;
  if (!isObject(a) || !isObject(b)) return a ?? b;
  const sum = new Map(Object.entries(a));
  for (const [key, value] of Object.entries(b)) sum.set(key, added(sum.get(key), value));
  return Object.fromEntries(sum);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
