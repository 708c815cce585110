/** Owns opening a WebSocket to try something on: a limit met just before is given time to pass. */
import { setTimeout as delay } from "node:timers/promises";
import { headerValue } from "../../frame/upgrade.js";
import type { Question } from "../question.js";
import type { Observation } from "../check.js";
import type { OpenSocket } from "../open-socket.js";
import { type Answered, isOpen, type Reply, saidOf } from "../reply.js";
import type { Subject } from "../subject.js";
import { isPolicy, shownEnd } from "./standing.js";

/** Handshakes that one opening may take. */
export const openingHandshakes = 2;

/** Seconds that are waited at most when the server wants its clients to wait. */
const longestWait = 2;

/** What came of it: an open WebSocket, or what is to be told in its place. */
export type Opening = {
  /** Handshakes that it took. */
  readonly handshakes: number;
} & (
  | { readonly socket: OpenSocket; readonly reply: Answered }
  | { readonly socket: undefined; readonly lack: Observation }
);

/** Waits, unless the signal fires. @param ms milliseconds */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => {});
}

/** Seconds to wait; undefined where the server asks for no waiting. */
function waitOf(reply: Reply): number | undefined {
  if (reply.kind === "unanswered") return undefined;
  const { status, headers } = reply.response;
  if (status !== 429 && status !== 503) return undefined;
  const value = headerValue(headers, "Retry-After") ?? "";
  return /^\d{1,6}$/.test(value) ? Math.min(Number(value), longestWait) : 1;
}

/** Opens one. Where it is turned away by a limit, once more after a moment. */
export async function openFor(
  { asker, signal }: Pick<Subject, "asker" | "signal">,
  question: Question = {},
): Promise<Opening> {
  const asked = { ...question, keep: true };
  let reply = await asker.ask(asked);
  const wait = waitOf(reply);
  if (wait !== undefined) {
    await pause(wait * 1000, signal);
    reply = await asker.ask(asked);
  }
  const handshakes = wait === undefined ? 1 : 2;
  if (isOpen(reply) && reply.socket) return { handshakes, socket: reply.socket, reply };
  const message = `the WebSocket did not open again: ${saidOf(reply)}`;
  return { handshakes, socket: undefined, lack: { verdict: "inconclusive", message } };
}

/** Milliseconds: what ends sooner was not ended by the goodbye that follows the first exchange. */
const soon = 500;

/** Why nothing can be tried on a WebSocket that the server ends by itself. */
export function endsByItself({ baseline }: Subject): string | undefined {
  const ended = baseline.kind === "answered" ? baseline.heard?.ended : undefined;
  // Later on an end is the answer to a goodbye as well.
  if (!ended || (ended.at > soon && !isPolicy(ended))) return undefined;
  return `the server ends the WebSocket by itself: ${shownEnd(ended)}`;
}
