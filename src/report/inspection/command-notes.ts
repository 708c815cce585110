/** Owns what is to be known of the commands on a page before they are pasted: each told once. */
import type { Inspection } from "../../findings/inspection.js";

/** What stands in a secret's place, as inspections are handed in. */
const mark = "SECRET";

/**
 * Sentences about commands that are shown; none where none of them asks for it.
 * @param commands as they stand on the page
 */
export function commandNotes(
  commands: readonly (string | undefined)[],
  { outcome }: Pick<Inspection, "outcome">,
): string[] {
  const shown = commands.filter((command) => command !== undefined);
  const isOpen = outcome === "open" || outcome === "invalid";
  return [
    ...(shown.some((command) => command.includes(mark))
      ? [`put your secret in place of ${mark}`]
      : []),
    ...(isOpen && shown.some((command) => command.startsWith("curl "))
      ? ["curl waits out its time limit on an open WebSocket: expected"]
      : []),
  ];
}
