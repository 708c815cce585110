/** Owns `wsctl recording stats`: what a recording comes to. */
import { Command } from "@commander-js/extra-typings";
import { RecordingTally } from "../../recording/stats.js";
import { ExitCode } from "../exit-codes.js";
import type { Host } from "../host.js";
import { inkFor } from "../ink.js";
import { parseEntry, tellNotes } from "../recording/flags.js";
import { openSource } from "../recording/source.js";
import { statsJson, statsTable } from "../recording/stats-page.js";

const examples = `
Examples:
  $ wsctl recording stats chat.wsrec
  $ wsctl recording stats chat.wsrec --json | jq .received.messages
  $ wsctl recording stats page.har --entry 2`;

/** The command; `exit` is told its exit code. */
export function statsCommand(host: Host, exit: (code: number) => void) {
  return new Command("stats")
    .description("tell how much of what was said, and when")
    .argument("<file>", "a recording or a HAR; - is stdin")
    .option("--entry <n>", "which WebSocket of a HAR", parseEntry)
    .option("--salvage", "leave malformed lines out")
    .option("--json", "print one JSON document")
    .option("-q, --quiet", "nothing on stderr but errors")
    .option("--no-color", "no colours")
    .addHelpText("after", examples)
    .action(async (file, flags) => {
      const { salvage, entry } = flags;
      const source = await openSource(host, file, { salvage, entry });
      const tally = new RecordingTally();
      try {
        for await (const { line } of source.lines) tally.add(line);
      } finally {
        await source.close();
      }
      const { header } = source;
      host.stdout.write(
        flags.json === true
          ? statsJson(header, tally.stats)
          : statsTable(header, tally.stats, inkFor(host, host.stdout, flags.color)),
      );
      if (flags.quiet !== true) tellNotes(host, source.notes());
      exit(ExitCode.ok);
    });
}
