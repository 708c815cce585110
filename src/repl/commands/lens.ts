/** Owns /lens. */
import { lenses } from "../../lens/lenses.js";
import type { Command } from "../command.js";
import type { Desk } from "../desk.js";
import { hanging } from "../hanging.js";
import { lensChoice } from "../lens-choice.js";

/** What is to be known of a lens only at a prompt, where a slash begins a command. */
const atPrompt: ReadonlyMap<string, string> = new Map([
  ["socketio", "a namespace is typed with one slash more: //admin chat 1"],
]);

/** Which lens is at work, and who has chosen it. */
function stateOf({ lens: chosen, activeLens }: Desk["link"]): string {
  if (chosen === null) return "off";
  if (chosen) return chosen.name;
  return activeLens ? `auto: ${activeLens.name}` : "auto: the connection tells of none";
}

/** `/lens [NAME|off|auto]` */
export const lens: Command = {
  name: "lens",
  takes: "[NAME|auto|off]",
  summary: "read and write the protocol that rides on the messages; alone, list the lenses",
  completes: [...lenses.keys(), "auto", "off"],
  run: ({ link, feed, ink: { chalk, width } }, rest) => {
    if (rest !== "") {
      link.lens = lensChoice(rest);
      link.focus();
    }
    const active = link.activeLens;
    const listed = rest === "" ? [...lenses.values()] : active ? [active] : [];
    const note = active && atPrompt.get(active.name);
    feed.say(
      [
        chalk.dim(`· lens ${stateOf(link)}`),
        ...listed.map(({ name, summary }) =>
          hanging(`${chalk.cyan(name.padEnd(9))} `, summary, width),
        ),
        ...(active ? [chalk.dim(`for example: ${active.example}`)] : []),
        ...(note ? [chalk.dim(note)] : []),
      ].join("\n"),
    );
  },
};
