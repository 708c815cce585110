/**
 * Owns how replies find their sends: by an id that requests carry and their replies carry back, by order
 * where one reply came to each send and nothing else, or not at all.
 */
import { safeLine } from "../../base/safe-text.js";
import { type Id, idOf } from "./by-id.js";
import { disorderIn } from "./by-order.js";
import type { Entry } from "./flow.js";
import type { Group } from "./groups.js";
import { slowest, turnsOf } from "./turns.js";

/** How replies find their sends, and why it is so. */
export interface Correlation {
  readonly why: string;
  /** As a scenario has it. */
  readonly settings: { readonly by: "id" | "order" | "none" } & Partial<Pick<Id, Place>> & {
      readonly timeout?: string;
    };
  /** What sends a message to which no reply is due. */
  readonly unanswered: ReadonlySet<Entry>;
}

type Place = "request" | "response";

/** A reply may take so many times longer than the slowest that was recorded, and so long at least. */
const margin = 4;
const shortestTimeout = 10;
/** So many messages are named. */
const mostNamed = 5;

/** How the replies of these flows find their sends. */
export function correlationOf(
  flows: readonly (readonly Entry[])[],
  groups: readonly Group[],
): Correlation {
  const id = idOf(flows, groups);
  // Two messages may have a value in common by accident: not most of them.
  if (id && id.carrying.size >= id.without.length) return byId(id, flows);
  const disorder = disorderIn(groups.flat());
  if (disorder === undefined) return byOrder(flows, groups);
  if (id && id.carrying.size > 1) return byId(id, flows);
  const carry = id
    ? "the reply to one message alone carries its id"
    : "replies carry no id of their sends";
  const why = `Round trips are not measured: ${carry}, and ${disorder}`;
  return { why, settings: { by: "none" }, unanswered: new Set() };
}

function byId(id: Id, flows: readonly (readonly Entry[])[]): Correlation {
  const { request, response, carrying, without } = id;
  const names = [...new Set(without.map(({ step }) => safeLine(step.name ?? "one", 40)))];
  const more = names.length > mostNamed ? ["…"] : [];
  const why =
    without.length === 0
      ? "Each message that is answered carries an id, and the answer carries it back"
      : `Messages carry an id, and their answers carry it back. Not measured, since no id comes back: ${[...names.slice(0, mostNamed), ...more].join(", ")}`;
  return {
    why,
    settings: { by: "id", request, response, timeout: timeoutFor(id.slowest) },
    unanswered: new Set(flows.flat().filter((entry) => entry.sent && !carrying.has(entry))),
  };
}

function byOrder(flows: readonly (readonly Entry[])[], groups: readonly Group[]): Correlation {
  // All are answered but one at the end, if that is so in any talk.
  const farewells = flows.map((flow, index) =>
    groups[index]!.some(({ messages }) => messages.at(-1)?.isSent === true)
      ? flow.findLast(({ sent }) => sent)
      : undefined,
  );
  return {
    why: "One message came for each that was sent, and nothing else",
    settings: { by: "order", timeout: timeoutFor(slowest(groups.flat().flatMap(turnsOf))) },
    unanswered: new Set(farewells.flatMap((entry) => entry ?? [])),
  };
}

function timeoutFor(slowestReply: number): string {
  return `${Math.max(shortestTimeout, Math.ceil((slowestReply * margin) / 1000))}s`;
}

/** The entries as they are under that correlation: what is sent to no reply waits for what came. */
export function correlated(
  entries: readonly Entry[],
  { unanswered }: Correlation,
): readonly Entry[] {
  return entries.flatMap((entry) => (unanswered.has(entry) ? withoutReply(entry) : [entry]));
}

function withoutReply(entry: Entry): Entry[] {
  const { send, expect, capture, ...step } = entry.step;
  if (typeof send !== "object") return [entry];
  const sending = { ...step, send: { ...send, reply: false } };
  if (expect === undefined) {
    const note = entry.sent?.isAnswered
      ? "its answer is waited for below"
      : "nothing came that answers it";
    return [{ ...entry, step: sending, notes: [...entry.notes, note] }];
  }
  const wait = { ...expect, ...(capture === undefined ? {} : { capture }) };
  return [
    { ...entry, step: sending },
    { step: { wait }, notes: ["its answer, of which no round trip is measured"] },
  ];
}
