/**
 * Owns finding the id that requests carry and their answers carry back. Some may carry none: a login, a
 * notification.
 */
import type { Entry } from "./flow.js";
import type { Group } from "./groups.js";
import { nameOf, pathOf, placeKey, type Steps, valueAt, valuesIn } from "./places.js";
import { slowest, type Turn, turnsOf } from "./turns.js";

/** An id, and what carries it. */
export interface Id {
  /** Where it stands, as JSONPath. */
  readonly request: string;
  readonly response: string;
  /** What sends a message whose answer carries it back, in every talk of its group. */
  readonly carrying: ReadonlySet<Entry>;
  /** What is answered, and carries none. */
  readonly without: readonly Entry[];
  /** How long the slowest of those answers took, in ms. */
  readonly slowest: number;
}

interface Places {
  readonly request: Steps;
  readonly response: Steps;
}

interface Candidate {
  readonly places: Places;
  readonly carrying: Set<Entry>;
  readonly turns: Turn[];
}

const mostValues = 100;

/** The id that most of what is answered carries, another one each time; undefined where none does. */
export function idOf(
  flows: readonly (readonly Entry[])[],
  groups: readonly Group[],
): Id | undefined {
  const candidates = new Map<string, Candidate>();
  const answered: Entry[] = [];
  for (const [index, flow] of flows.entries()) {
    const talks = groups[index]!.map(turnsOf);
    for (const [nth, entry] of flow.filter(({ sent }) => sent).entries()) {
      if (!entry.sent?.answer) continue;
      answered.push(entry);
      const turns = talks.flatMap((talk) => talk[nth] ?? []);
      for (const places of placesIn(entry.sent)) {
        if (turns.every((turn) => isCarried(turn, places))) add(candidates, places, entry, turns);
      }
    }
  }
  let best: Candidate | undefined;
  for (const each of candidates.values()) {
    if (!best || each.carrying.size > best.carrying.size) best = each;
  }
  if (!best) return undefined;
  const { places, carrying, turns } = best;
  return {
    request: pathOf(places.request),
    response: pathOf(places.response),
    carrying,
    without: answered.filter((entry) => !carrying.has(entry)),
    slowest: slowest(turns),
  };
}

function add(
  candidates: Map<string, Candidate>,
  places: Places,
  entry: Entry,
  turns: readonly Turn[],
): void {
  const key = `${placeKey(places.request)} ${placeKey(places.response)}`;
  const known = candidates.get(key) ?? { places, carrying: new Set(), turns: [] };
  candidates.set(key, known);
  if (known.carrying.has(entry)) return;
  known.carrying.add(entry);
  known.turns.push(...turns);
}

function isCarried({ sent, answer }: Turn, { request, response }: Places): boolean {
  const asked = valueAt(sent.json, request);
  return asked !== undefined && answer !== undefined && valueAt(answer.json, response) === asked;
}

/** Where a value that is another one each time stands in a message, and again in its answer. */
function placesIn({ sending, message, answer }: NonNullable<Entry["sent"]>): Places[] {
  if (message.prefix !== "" || answer?.prefix !== "" || !("json" in sending.content)) return [];
  const found: Places[] = [];
  for (const { steps, value } of valuesIn(message.json, mostValues)) {
    if (!sending.unique.has(placeKey(steps))) continue;
    const own = valueAt(answer.json, steps);
    if (own === value) found.push({ request: steps, response: steps });
    for (const other of valuesIn(answer.json, mostValues)) {
      const isOther = placeKey(other.steps) !== placeKey(steps);
      if (isOther && other.value === value && nameOf(other.steps) !== "") {
        found.push({ request: steps, response: other.steps });
      }
    }
  }
  return found;
}
