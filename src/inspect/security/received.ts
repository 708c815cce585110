/** Owns what a server has said in the first exchange, as texts to be looked through: bounded. */
import { headerValue } from "../../frame/upgrade.js";
import { Opcode } from "../../frame/opcode.js";
import type { Answered } from "../reply.js";
import { theirs } from "../their-words.js";

/** One text, and where it came. */
export interface Received {
  readonly where: string;
  readonly text: string;
}

/** Characters in all: of what is longer, the rest is not looked at. */
const mostLooked = 262_144;

/** Headers that are there for the client, or are made of what it sent. */
const ownHeaders =
  /^(?:set-cookie|sec-websocket-.*|date|content-length|content-type|connection|upgrade|etag|vary)$/i;

function all({ response, body, heard }: Answered): Received[] {
  const texts = response.headers
    .filter(([name]) => !ownHeaders.test(name))
    .map(([name, value]): Received => ({
      where: `in the header ${theirs(name, 100)}`,
      text: value,
    }));
  // What is still compressed holds patterns by chance only.
  const coding = headerValue(response.headers, "Content-Encoding") ?? "identity";
  if (body.length > 0 && coding.toLowerCase() === "identity") {
    texts.push({ where: "in the body", text: body.toString() });
  }
  for (const [index, { opcode, payload }] of (heard?.messages ?? []).entries()) {
    const text = payload.toString(opcode === Opcode.text ? "utf8" : "latin1");
    texts.push({ where: `in message ${index + 1}`, text });
  }
  if (heard?.ended?.kind === "close" && heard.ended.status.reason !== "") {
    texts.push({ where: "in the reason of the close", text: heard.ended.status.reason });
  }
  return texts;
}

/** Everything there is to look at, cut off where it is too much. */
export function receivedIn(reply: Answered): Received[] {
  let left = mostLooked;
  const kept: Received[] = [];
  for (const { where, text } of all(reply)) {
    if (left <= 0) break;
    kept.push({ where, text: text.slice(0, left) });
    left -= text.length;
  }
  return kept;
}
