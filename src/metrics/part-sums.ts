/** Owns the sums of the parts of a run that go on side by side: its scenarios, its profiles. */
import { cleanTag } from "./catalogue.js";
import { together, type Measured } from "./measure.js";
import type { RunPart } from "./run-result.js";
import type { Tally } from "./tally.js";

/** The sums of a part of a run, such as a scenario: all of it, and of its counters those in traffic. */
export interface Sums {
  readonly tally: Tally;
  readonly inTraffic: Tally;
}

/** Where a name stands that is as clean as tags are, which the parts' own names need not be. */
export function indicesOf(name: string, names: readonly string[]): number[] {
  return [...names.keys()].filter((index) => cleanTag(names[index]!) === name);
}

/** Of all parts of that name, which go on side by side. */
export function sideBySide(
  name: string,
  names: readonly string[],
  sums: ReadonlyMap<string, Sums>,
  span: number,
): Measured | undefined {
  const parts = indicesOf(name, names).map((index) => {
    const part = sums.get(names[index]!);
    return measuredOf(part?.tally, part?.inTraffic, span);
  });
  const part = together(parts);
  return part && { ...part, span };
}

/** What each came to, in the order of `names`; all of them, also those without figures. */
export function partsOf(
  names: readonly string[],
  sums: ReadonlyMap<string, Sums>,
  span: number,
): RunPart[] {
  return names.map((name) => {
    const part = sums.get(name);
    return partOf(name, part?.tally, part?.inTraffic, span);
  });
}

/** Sums as thresholds see them; of a part that never was, they are those of nothing. */
export function measuredOf(
  tally: Tally | undefined,
  inTraffic: Tally | undefined,
  span: number,
): Measured {
  return {
    totals: tally?.totals() ?? {},
    inTraffic: inTraffic?.totals() ?? {},
    span,
    trend: (passes) => tally?.trendOf(passes),
  };
}

/** Sums as a result has them. */
export function partOf(
  name: string,
  tally: Tally | undefined,
  inTraffic: Tally | undefined,
  span: number,
): RunPart {
  return {
    name,
    span,
    totals: tally?.totals() ?? {},
    inTraffic: inTraffic?.totals() ?? {},
    trends: tally?.summaries() ?? {},
  };
}
