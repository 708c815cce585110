/** Owns `wsctl recording show`: a recording, as one reads it. */
import { Command, Option } from "@commander-js/extra-typings";
import { formatCount, parseCount, parseDuration } from "../../base/quantity.js";
import { isMessage } from "../../recording/har/line-kind.js";
import { ExitCode } from "../exit-codes.js";
import type { Host } from "../host.js";
import { inkFor } from "../ink.js";
import { checked } from "../options.js";
import { lineEvent, startEvent } from "../recording/events.js";
import { parseEntry, tellNotes } from "../recording/flags.js";
import { Selection } from "../recording/selection.js";
import { put } from "../recording/sink.js";
import { openSource } from "../recording/source.js";
import { Transcript } from "../recording/transcript.js";

const examples = `
Examples:
  $ wsctl recording show chat.wsrec
  $ wsctl recording show chat.wsrec --filter '$.type == "error"' --pretty
  $ wsctl recording show chat.wsrec --from 10s --to 1m30s --direction in
  $ wsctl recording show chat.wsrec --json | jq -r 'select(.event == "message").data'
  $ wsctl recording show page.har --entry 2       a WebSocket of what a browser exported`;

/** Text is written in pieces of so many characters. */
const pieceLength = 64 * 1024;

/** The command; `exit` is told its exit code. */
export function showCommand(host: Host, exit: (code: number) => void) {
  return new Command("show")
    .description("show what was said, line by line")
    .argument("<file>", "a recording or a HAR; - is stdin")
    .option(
      "--filter <match>",
      "only messages that match, such as '$.op == \"join\"', /^ok/i or text",
    )
    .addOption(
      new Option("--direction <way>", "only what was received, or sent").choices(["in", "out"]),
    )
    .option("--from <time>", "from so long after the start, such as 1m30s", checked(parseDuration))
    .option("--to <time>", "until so long after the start", checked(parseDuration))
    .option("--limit <n>", "end after so many messages", checked(parseCount))
    .option("--pretty", "lay JSON and text of several lines out")
    .option("--full", "show whole payloads, however long")
    .option("--headers", "show the headers of upgrades")
    .option("--raw", "do not make control characters harmless")
    .option("--entry <n>", "which WebSocket of a HAR", parseEntry)
    .option("--salvage", "leave malformed lines out")
    .option("--json", "print every line as a JSON object")
    .option("-q, --quiet", "nothing on stderr but errors")
    .option("--no-color", "no colours")
    .addHelpText("after", examples)
    .action(async (file, flags) => {
      const { filter, direction, from, to, limit = Infinity, json = false } = flags;
      const selection = new Selection({ filter, direction, from, to });
      const { salvage, entry } = flags;
      const source = await openSource(host, file, { salvage, entry });
      const { pretty = false, full = false, raw = false, headers = false } = flags;
      const ink = inkFor(host, host.stdout, flags.color);
      const transcript = new Transcript(ink, { pretty, full, raw, headers });
      let text = json ? startEvent(source.header) : transcript.begin(source.header);
      let shown = 0;
      let isCut = false;
      try {
        for await (const { number, line } of source.lines) {
          if (!selection.has(line)) continue;
          if (isMessage(line) && ++shown > limit) {
            isCut = true;
            break;
          }
          text += json ? lineEvent(number, line) : transcript.draw(line);
          if (text.length < pieceLength) continue;
          await put(host.stdout, text);
          text = "";
        }
      } finally {
        await put(host.stdout, text);
        await source.close();
      }
      if (flags.quiet !== true) {
        const cut = isCut ? [`there is more: --limit ${formatCount(limit)}`] : [];
        tellNotes(host, [...source.notes(), ...cut]);
      }
      exit(ExitCode.ok);
    });
}
