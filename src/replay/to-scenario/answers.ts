/** Owns which of the messages that follow a send is the answer to it. */
import { jsonEquals } from "../../message/json.js";
import { nameOf, valuesIn } from "./places.js";
import { isTelling, kindOf } from "./shape.js";
import type { TalkMessage } from "./talk.js";

/** So many messages are looked at, and so many values of each. */
const mostLooked = 100;
const mostValues = 100;
/** What has nothing to do with the send by its content, and comes later than this, is no answer. */
const latestByTime = 3000;
const latest = 60_000;

/** Names of values that a request and its answer have in common, and nothing else has. */
const idName = /^(?:id|ref|cid|.*[_-]id|.*[a-z]Id|msgid|reqid)$/;

/**
 * The answers within a talk: the index of the message that answers, by the index of the one that was
 * sent. What carries the id of a request answers it, whatever was sent meanwhile; otherwise the answer
 * is what came before the next message was sent and has most in common with it, or else the first.
 */
export function answersIn(messages: readonly TalkMessage[]): ReadonlyMap<number, number> {
  const answers = byId(messages);
  const taken = new Set(answers.values());
  for (const [at, sent] of messages.entries()) {
    if (!sent.isSent || answers.has(at)) continue;
    let best: number | undefined;
    let most = -1;
    for (let index = at + 1; index <= at + mostLooked; index++) {
      const message = messages[index];
      if (!message || message.isSent || message.t - sent.t > latest) break;
      if (taken.has(index)) continue;
      const common = inCommon(sent, message);
      if (common === 0 && message.t - sent.t > latestByTime) continue;
      if (common > most) [best, most] = [index, common];
    }
    if (best !== undefined) answers.set(at, best);
  }
  return answers;
}

/** Answers that carry the id of their request. */
function byId(messages: readonly TalkMessage[]): Map<number, number> {
  const answers = new Map<number, number>();
  /** Requests by their ids, as far as nothing has come for them. */
  const asked = new Map<string, number>();
  for (const [at, { isSent, json, t }] of messages.entries()) {
    for (const { steps, value } of valuesIn(json, mostValues)) {
      if (!idName.test(nameOf(steps)) || !isSomething(value)) continue;
      const key = JSON.stringify([nameOf(steps), value]);
      const request = asked.get(key);
      if (isSent) {
        // What is sent twice is no id of a request.
        asked.set(key, asked.has(key) ? Infinity : at);
      } else if (request !== undefined && !answers.has(request)) {
        if (t - (messages[request]?.t ?? -Infinity) > latest) continue;
        answers.set(request, at);
        break;
      }
    }
  }
  return answers;
}

/** How much a message has in common with one that was sent before; 0 for nothing. */
export function inCommon(sent: TalkMessage, received: TalkMessage): number {
  if (sent.binary === received.binary && sent.size > 0 && sent.payload.equals(received.payload)) {
    return 10;
  }
  if (sent.json === undefined || received.json === undefined) {
    return sent.binary === received.binary ? 1 : 0;
  }
  if (jsonEquals(sent.json, received.json)) return 10;
  const told = new Map<string, string>();
  for (const { steps, value } of valuesIn(sent.json, mostValues)) {
    if (!isTelling(nameOf(steps)) && isSomething(value)) told.set(String(value), nameOf(steps));
  }
  let common = 0;
  for (const { steps, value } of valuesIn(received.json, mostValues)) {
    const name = told.get(String(value));
    if (name === undefined) continue;
    told.delete(String(value));
    if (name === nameOf(steps)) common += /id$|^ref$/i.test(name) ? 5 : 2;
    else common += 1;
  }
  const kind = kindOf(sent.json);
  if (typeof kind?.value === "string") {
    const word = kind.value.toLowerCase();
    const speaksOf = valuesIn(received.json, mostValues).some(
      ({ value }) => typeof value === "string" && value.toLowerCase().startsWith(word),
    );
    if (speaksOf) common += 2;
  }
  return common;
}

function isSomething(value: string | number): boolean {
  return typeof value === "number" ? value !== 0 : value.length > 1;
}
