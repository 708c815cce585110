/** Owns what a Nagios plugin says where it could not look: it has no other place to say it. */
import { messageOf } from "../../base/errors.js";
import { safeLine } from "../../base/safe-text.js";

/** The state of a plugin that could not look, and its exit code. */
export const nagiosUnknown = 3;

/** Whether the command line asks for an answer as Nagios reads it, however wrong the rest of it is. */
export function isForNagios([command, ...rest]: readonly string[]): boolean {
  if (command !== "inspect") return false;
  // An address may begin like that too. A word that is misspelt is one more mistake for which 2 would mean that the server is down.
  return rest.some(
    (word, index) =>
      /^--health=nag\w*$/i.test(word) ||
      (word === "--health" && /^nag\w*$/i.test(rest[index + 1] ?? "")),
  );
}

/** The line: Nagios shows the first of stdout, and what is behind a bar are figures. */
export function unknownLine(error: unknown): string {
  const said = safeLine(messageOf(error).replace(/^error: /, ""), 300);
  return `WEBSOCKET UNKNOWN - ${said.replaceAll("|", "/")}\n`;
}
