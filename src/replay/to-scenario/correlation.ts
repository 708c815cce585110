/**
 * Owns how replies find their sends: by an id that each request carries and its reply carries back, by
 * order where one reply came to each send and nothing else, or not at all.
 */
import type { Entry } from "./flow.js";
import type { Group } from "./groups.js";
import { nameOf, pathOf, placeKey, type Steps, valueAt, valuesIn } from "./places.js";
import type { Talk } from "./talk.js";

/** Where the id stands. */
interface ById {
  readonly request: string;
  readonly response: string;
}

/** How replies find their sends, and why it is so. */
export type Correlation = { readonly why: string } & (
  | ({ readonly by: "id" } & ById)
  | { readonly by: "order" | "none" }
);

const mostValues = 100;

/** What came so soon after the opening is waited for before anything is sent, in ms. */
const greetingWithin = 2000;

/** How the replies of these flows find their sends. */
export function correlationOf(
  flows: readonly (readonly Entry[])[],
  groups: readonly Group[],
): Correlation {
  const id = idOf(flows);
  if (id) {
    const why = "Each message that is answered carries an id, and the answer carries it back";
    return { by: "id", ...id, why };
  }
  for (const { name, messages, opened, missed } of groups.flat()) {
    const found = missed > 0 ? "messages are missing" : disorderIn(messages, opened);
    if (found === undefined) continue;
    const why = `Round trips are not measured: replies carry no id of their sends, and in ${name} ${found}`;
    return { by: "none", why };
  }
  return { by: "order", why: "One message came for each that was sent, and nothing else" };
}

/** Why the n-th message that came is not the reply to the n-th that was sent; undefined where it is. */
function disorderIn(messages: Talk["messages"], opened: number): string | undefined {
  const first = messages.findIndex(({ isSent }) => isSent);
  if (first < 0) return "nothing was sent";
  if (first > 1 || (first === 1 && messages[0]!.t - opened > greetingWithin)) {
    return "messages came before anything was sent";
  }
  if (first === messages.length - 1) return "nothing was answered";
  for (let at = first; at < messages.length; at += 2) {
    const [sent, reply, next] = messages.slice(at, at + 3);
    // The last one may be a farewell.
    if (!sent!.isSent) return "more came than was sent";
    if (!reply) return undefined;
    if (reply.isSent) return "not every send was answered before the next one";
    if (next && !next.isSent) return "more than one message came for a send";
  }
  return undefined;
}

/**
 * The id by which all flows can be correlated; undefined where there is none: every message that is
 * answered has to carry it, another one each time.
 */
function idOf(flows: readonly (readonly Entry[])[]): ById | undefined {
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
export function correlated(
  entries: readonly Entry[],
  { by }: Correlation,
  [{ messages }]: Group,
): readonly Entry[] {
  if (by === "none") return entries;
  // By order all are answered but one at the end, whatever their answers look like.
  const last = messages.at(-1)?.isSent === true ? entries.findLast(({ sent }) => sent) : undefined;
  return entries.map((entry) => {
    const { send } = entry.step;
    const isAnswered = by === "order" ? entry !== last : entry.sent?.answer !== undefined;
    if (!entry.sent || isAnswered || typeof send !== "object") return entry;
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
