/** Owns `wsctl recording`: its commands. */
import { Command } from "@commander-js/extra-typings";
import type { Host } from "../host.js";
import { convertCommand } from "./recording-convert.js";
import { redactCommand } from "./recording-redact.js";
import { showCommand } from "./recording-show.js";
import { statsCommand } from "./recording-stats.js";

const examples = `
Examples:
  $ wsctl recording show chat.wsrec                              what was said, line by line
  $ wsctl recording stats chat.wsrec                             how much of what, and when
  $ wsctl recording redact chat.wsrec -o clean.wsrec --redact '$.email'
  $ wsctl recording convert page.har --entry 2 -o chat.wsrec     from a browser's export
  $ wsctl recording convert chat.wsrec -o chat.har               for a browser to show`;

/** The command; `exit` is told its exit code. */
export function recordingCommand(host: Host, exit: (code: number) => void) {
  return new Command("recording")
    .description("read recordings, take secrets out of them, and convert them from and to HAR")
    .addCommand(showCommand(host, exit))
    .addCommand(statsCommand(host, exit))
    .addCommand(redactCommand(host, exit))
    .addCommand(convertCommand(host, exit))
    .addHelpText("after", examples);
}
