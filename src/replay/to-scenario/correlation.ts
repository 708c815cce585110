/** Owns whether replies can be told apart by an id that each request carries and its reply carries back. */
import type { Entry } from "./flow.js";
import { nameOf, pathOf, placeKey, type Steps, valueAt, valuesIn } from "./places.js";

/** Where the id stands. */
export interface ById {
  readonly request: string;
  readonly response: string;
}

const mostValues = 100;

/**
 * The id by which all flows can be correlated; undefined where there is none: every message that is
 * answered has to carry it, another one each time.
 */
export function correlationOf(flows: readonly (readonly Entry[])[]): ById | undefined {
  let common: Map<string, ById> | undefined;
  for (const { sent } of flows.flat()) {
    if (!sent?.answer) continue;
    const own = new Map<string, ById>();
    for (const { request, response } of idsOf(sent)) {
      const id = { request: pathOf(request), response: pathOf(response) };
      own.set(`${id.request} ${id.response}`, id);
    }
    common = common ? new Map([...common].filter(([key]) => own.has(key))) : own;
    if (common.size === 0) return undefined;
  }
  return common?.values().next().value;
}

/** The entries as they are under that correlation: what is not answered expects no reply. */
export function correlated(entries: readonly Entry[]): Entry[] {
  return entries.map((entry) => {
    const { send } = entry.step;
    if (!entry.sent || entry.sent.answer || typeof send !== "object") return entry;
    const notes = [...entry.notes, "nothing came that answers it"];
    return { ...entry, step: { ...entry.step, send: { ...send, reply: false } }, notes };
  });
}

function idsOf({
  sending,
  message,
  answer,
}: NonNullable<Entry["sent"]>): { request: Steps; response: Steps }[] {
  if (message.prefix !== "" || answer?.prefix !== "" || !("json" in sending.content)) return [];
  const found: { request: Steps; response: Steps }[] = [];
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
