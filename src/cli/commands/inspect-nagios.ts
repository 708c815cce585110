/** Owns what a Nagios plugin says where it could not look: it has no other place to say it. */
import { messageOf } from "../../base/errors.js";
import { safeLine } from "../../base/safe-text.js";

/** The state of a plugin that could not look, and its exit code. */
export const nagiosUnknown = 3;

/** Whether the command line asks for an answer as Nagios reads it, however wrong the rest of it is. */
export function isForNagios([command, ...rest]: readonly string[]): boolean {
  if (command !== "inspect") return false;
  return rest.some(
    (word, index) =>
      word === "--health=nagios" || (word === "--health" && rest[index + 1] === "nagios"),
  );
}

/** The line: Nagios shows the first of stdout, and what is behind a bar are figures. */
export function unknownLine(error: unknown): string {
  const said = safeLine(messageOf(error).replace(/^error: /, ""), 300);
  return `WEBSOCKET UNKNOWN - ${said.replaceAll("|", "/")}\n`;
}
