/** Owns what the values of a talk show when they are taken together: who said one first, and which count. */
import { nameOf, placeKey, type Steps, valuesIn } from "./places.js";
import { countOf } from "./recognised.js";
import type { Talk, TalkMessage } from "./talk.js";

/** So many values of a message are looked at. */
export const mostValues = 300;

/** Where a value was seen first. */
export interface Seen {
  /** Index among the talk's messages. */
  readonly at: number;
  readonly isSent: boolean;
  readonly steps: Steps;
}

/** Where each value was seen first, by its {@link keyOf}. */
export function firstSeen({ messages }: Talk): ReadonlyMap<string, Seen> {
  const seen = new Map<string, Seen>();
  for (const [at, { json, isSent }] of messages.entries()) {
    for (const { steps, value } of valuesIn(json, mostValues)) {
      const key = keyOf(value);
      if (!seen.has(key)) seen.set(key, { at, isSent, steps });
    }
  }
  return seen;
}

/** Places whose value goes up from message to message, by a name that says so. */
export function countersIn(sent: readonly TalkMessage[]): ReadonlySet<string> {
  const series = new Map<string, { lead: string; last: number; length: number } | undefined>();
  for (const { json } of sent) {
    for (const { steps, value } of valuesIn(json, mostValues)) {
      const counted = countOf(nameOf(steps), value);
      const key = placeKey(steps);
      const before = series.get(key);
      if (!counted) {
        if (series.has(key)) series.set(key, undefined);
      } else if (!series.has(key)) {
        series.set(key, { lead: counted.lead, last: counted.count, length: 1 });
      } else if (before) {
        const goesOn = before.lead === counted.lead && counted.count > before.last;
        const length = before.length + 1;
        series.set(key, goesOn ? { lead: counted.lead, last: counted.count, length } : undefined);
      }
    }
  }
  return new Set([...series].filter(([, one]) => (one?.length ?? 0) > 1).map(([key]) => key));
}

/** The same for the same value; of a text `s` and the text. */
export function keyOf(value: string | number): string {
  return typeof value === "string" ? `s${value}` : `n${value}`;
}
