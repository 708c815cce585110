/** Owns the turns of a talk: each message that was sent, with what answers it. */
import { answersIn } from "./answers.js";
import type { Talk, TalkMessage } from "./talk.js";

/** One message that was sent. */
export interface Turn {
  readonly sent: TalkMessage;
  readonly answer: TalkMessage | undefined;
  /** Whether that is what came next, before anything else was sent or received. */
  readonly isNext: boolean;
}

/** The turns of a talk, in their order. */
export function turnsOf({ messages }: Talk): Turn[] {
  const answers = answersIn(messages);
  const turns: Turn[] = [];
  for (const [at, sent] of messages.entries()) {
    if (!sent.isSent) continue;
    const answeredBy = answers.get(at);
    const answer = answeredBy === undefined ? undefined : messages[answeredBy];
    turns.push({ sent, answer, isNext: answeredBy === at + 1 });
  }
  return turns;
}

/** How long the slowest of the answers took, in ms; 0 without any. */
export function slowest(turns: readonly Turn[]): number {
  return turns.reduce((most, { sent, answer }) => Math.max(most, (answer?.t ?? 0) - sent.t), 0);
}
