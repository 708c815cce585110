/** Owns whether in some talks the n-th message that came is the reply to the n-th that was sent. */
import { inCommon } from "./answers.js";
import { kindOf } from "./shape.js";
import type { Talk, TalkMessage } from "./talk.js";
import { type Turn, turnsOf } from "./turns.js";

/** What came so soon after the opening is waited for before anything is sent, in ms. */
const greetingWithin = 2000;

/** Why it is not so, and where; undefined where it is. */
export function disorderIn(talks: readonly Talk[]): string | undefined {
  // Whichever comes first among the files, the same is said.
  const sorted = talks.toSorted((one, other) => (one.name < other.name ? -1 : 1));
  for (const talk of sorted) {
    const why = talk.isIncomplete ? "messages are missing" : disorderOf(talk);
    if (why !== undefined) return `in ${talk.name} ${why}`;
  }
  return unrelatedIn(sorted);
}

function disorderOf(talk: Talk): string | undefined {
  const { messages, opened } = talk;
  const first = messages.findIndex(({ isSent }) => isSent);
  if (first < 0) return "nothing was sent";
  if (first > 1 || (first === 1 && messages[0]!.t - opened > greetingWithin)) {
    return "messages came before anything was sent";
  }
  if (first === messages.length - 1) return "nothing was answered";
  const turns = turnsOf(talk);
  for (let at = first; at < messages.length; at += 2) {
    const [sent, reply, next] = messages.slice(at, at + 3);
    // The last one may be a farewell.
    if (!sent!.isSent) return "more came than was sent";
    if (!reply) return undefined;
    if (reply.isSent) return "not every send was answered before the next one";
    if (next && !next.isSent) return "more than one message came for a send";
    // Too late, or with nothing in common and not soon: others may well have caused it.
    if (!turns[(at - first) / 2]!.isNext) return "what came after a send may not answer it";
  }
  return undefined;
}

/**
 * Where what came for a message of one kind sometimes has to do with it and sometimes not, or has not
 * and comes unasked as well, it was a push.
 */
function unrelatedIn(talks: readonly Talk[]): string | undefined {
  const related = new Set<string>();
  const unasked = new Set<string>();
  const doubtful: { readonly turn: Turn; readonly name: string }[] = [];
  for (const talk of talks) {
    const [greeting] = talk.messages;
    if (greeting?.isSent === false) unasked.add(wordFor(greeting));
    for (const turn of turnsOf(talk)) {
      if (!turn.answer) continue;
      if (inCommon(turn.sent, turn.answer) > 0) related.add(wordFor(turn.sent));
      else doubtful.push({ turn, name: talk.name });
    }
  }
  const found = doubtful.find(
    ({ turn }) => related.has(wordFor(turn.sent)) || unasked.has(wordFor(turn.answer!)),
  );
  return found && `in ${found.name} what came for a message may be nothing that answers it`;
}

/** What kind of message it is, as far as it says so. */
function wordFor({ json }: TalkMessage): string {
  return JSON.stringify(kindOf(json)?.value ?? "");
}
