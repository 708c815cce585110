/** Owns which talks are the same thing done by several users: those that send the same, in the same order. */
import { signatureOf } from "./shape.js";
import type { Talk } from "./talk.js";

/** Talks of one shape; the first is the model of the others. */
export type Group = readonly [Talk, ...Talk[]];

/** The talks in groups, in the order in which each is met first. */
export function groupsOf(talks: readonly Talk[]): Group[] {
  const groups = new Map<string, [Talk, ...Talk[]]>();
  for (const talk of talks) {
    const key = talk.messages
      .filter(({ isSent }) => isSent)
      .map(signatureOf)
      .join("\n");
    const known = groups.get(key);
    if (known) known.push(talk);
    else groups.set(key, [talk]);
  }
  return [...groups.values()];
}
