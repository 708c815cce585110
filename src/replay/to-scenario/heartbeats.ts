/** Owns heartbeats within messages: what a server says now and then, and a client answers at once, always alike. */
import type { MatchSpec } from "../../message/matcher.js";
import type { Talk, TalkMessage } from "./talk.js";
import { literal } from "./written.js";

/** One heartbeat, as it is answered beside the flow. */
export interface Heartbeat {
  readonly match: MatchSpec;
  readonly send: string;
}

/** An answer that takes longer was somebody's decision. */
const soon = 1000;
const fewest = 2;
const longest = 500;

/** A talk without its heartbeats, and what these are. */
export interface WithoutHeartbeats {
  readonly talk: Talk;
  readonly heartbeats: readonly Heartbeat[];
}

/** Takes heartbeats out of a talk. */
export function withoutHeartbeats(talk: Talk): WithoutHeartbeats {
  const { messages } = talk;
  const answers = new Map<string, { reply: string; count: number } | undefined>();
  for (const [index, message] of messages.entries()) {
    const { text } = message;
    if (message.isSent || !isShort(message) || text === undefined) continue;
    const next = messages[index + 1];
    const reply =
      next?.isSent && isShort(next) && next.t - message.t <= soon ? next.text : undefined;
    const known = answers.get(text);
    if (!answers.has(text)) {
      answers.set(text, reply === undefined ? undefined : { reply, count: 1 });
    } else if (known && known.reply === reply) known.count++;
    else answers.set(text, undefined);
  }
  const beats = new Map<string, string>();
  for (const [text, answer] of answers) {
    if (!answer || answer.count < fewest || text.includes("{{")) continue;
    const uses = messages.filter((each) => each.isSent && each.text === answer.reply).length;
    if (uses === answer.count) beats.set(text, answer.reply);
  }
  if (beats.size === 0) return { talk, heartbeats: [] };
  const replies = new Set(beats.values());
  const kept = messages.filter(({ isSent, text = "", binary }) =>
    binary ? true : isSent ? !replies.has(text) : !beats.has(text),
  );
  const heartbeats = [...beats].map(([text, reply]) => ({
    match: { text },
    send: literal(reply),
  }));
  return { talk: { ...talk, messages: kept }, heartbeats };
}

function isShort({ text, binary }: TalkMessage): boolean {
  return !binary && text !== undefined && text.length <= longest;
}
