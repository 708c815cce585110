/** Owns `wsctl scenario`: its commands. */
import { Command } from "@commander-js/extra-typings";
import type { Host } from "../host.js";
import { fromHarCommand, fromRecordingCommand } from "./scenario-from.js";
import { initCommand } from "./scenario-init.js";
import { schemaCommand } from "./scenario-schema.js";
import { validateCommand } from "./scenario-validate.js";

const examples = `
Examples:
  $ wsctl scenario init                       answer some questions, get a scenario
  $ wsctl scenario validate scenario.yaml     every mistake, with line and column
  $ wsctl scenario from-recording chat.wsrec  what a recorded client did, for many users to do
  $ wsctl scenario schema > scenario.schema.json`;

/** The command; `exit` is told its exit code. */
export function scenarioCommand(host: Host, exit: (code: number) => void) {
  return new Command("scenario")
    .description("write and check scenario files, which say what virtual users do")
    .addCommand(initCommand(host, exit))
    .addCommand(validateCommand(host, exit))
    .addCommand(schemaCommand(host, exit))
    .addCommand(fromRecordingCommand(host, exit))
    .addCommand(fromHarCommand(host, exit))
    .addHelpText("after", examples);
}
