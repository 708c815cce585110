/** Owns making one finding of several cases to which the same happened: one mistake, one line. */
import type { Observation } from "./check.js";

/** What was seen of one case. */
export interface Against extends Observation {
  readonly case: string;
  /** The message where the same holds for several cases, by their names; where it can be said. */
  readonly alike?: (names: string) => string;
}

/** A line of evidence for a case among others. */
function lineOf({ case: name, evidence = [] }: Against): string {
  return `${name}: ${(evidence[0] ?? "").replace(/^answer: /, "")}`;
}

/** One observation of one case, or of several that say the same. */
function together(group: readonly Against[]): Observation {
  const { alike, ...first } = group[0]!;
  if (!alike || group.length === 1) return first;
  const cases = group.map(({ case: name }) => name);
  const names = cases.join(", ");
  return { ...first, case: names, cases, message: alike(names), evidence: group.map(lineOf) };
}

/** One observation for all those that say the same, where the first of them stood. */
export function merged(all: readonly Against[]): Observation[] {
  const groups = new Map<unknown, Against[]>();
  for (const each of all) {
    const { alike, kind, verdict, severity, confidence, why, fix } = each;
    const same =
      alike && JSON.stringify([alike(""), kind, verdict, severity, confidence, why, fix]);
    const key = same ?? Symbol(each.case);
    const group = groups.get(key);
    if (group) group.push(each);
    else groups.set(key, [each]);
  }
  return [...groups.values()].map(together);
}
