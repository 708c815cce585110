/** Owns `wsctl recording show`: recordings, as one reads them. */
import { Command, Option } from "@commander-js/extra-typings";
import { formatCount, parseCount, parseDuration } from "../../base/quantity.js";
import { isMessage } from "../../recording/har/line-kind.js";
import { ExitCode } from "../exit-codes.js";
import type { Host } from "../host.js";
import { inkFor, isLive } from "../ink.js";
import { checked } from "../options.js";
import { lineEvent, startEvent } from "../recording/events.js";
import { parseEntry, tellNotes } from "../recording/flags.js";
import { type PartLine, partsOf, recordingsAt } from "../recording/parts.js";
import { Selection } from "../recording/selection.js";
import { put } from "../recording/sink.js";
import { Transcript } from "../recording/transcript.js";

const examples = `
Examples:
  $ wsctl recording show chat.wsrec
  $ wsctl recording show chat.wsrec --filter '$.type == "error"' --pretty
  $ wsctl recording show chat.wsrec --from 10s --to 1m30s --direction in
  $ wsctl recording show talks --merge            every connection of a proxy, in the order of time
  $ wsctl recording show chat.wsrec --json | jq -r 'select(.event == "message").data'
  $ wsctl recording show page.har --entry 2       a WebSocket of what a browser exported`;

/** Text is written in pieces of so many characters. */
const pieceLength = 64 * 1024;
/** Lines are cut at no fewer columns: a terminal that tells fewer does not know. */
const fewestColumns = 20;

/** The command; `exit` is told its exit code. */
export function showCommand(host: Host, exit: (code: number) => void) {
  return new Command("show")
    .description("show what was said, line by line")
    .argument("<file...>", "recordings, directories of them, or HARs; - is stdin")
    .option("--merge", "of several recordings, show what was said in the order of time")
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
    .option("--wide", "do not cut lines at the width of the terminal")
    .option("--headers", "show the headers of upgrades")
    .option("--raw", "do not make control characters harmless")
    .option("--entry <n>", "which WebSocket of a HAR", parseEntry)
    .option("--salvage", "leave malformed lines out")
    .option("--json", "print every line as a JSON object")
    .option("-q, --quiet", "nothing on stderr but errors")
    .option("--no-color", "no colours")
    .addHelpText("after", examples)
    .action(async (given, flags) => {
      const { filter, direction, from, to, limit = Infinity, json = false } = flags;
      const selection = new Selection({ filter, direction, from, to });
      const files = await recordingsAt(given);
      const { salvage, entry, merge = false } = flags;
      const notes: string[] = [];
      const lines = partsOf(host, files, {
        salvage,
        entry,
        merge,
        notes: (more) => void notes.push(...more),
      });
      const { pretty = false, full = false, raw = false, headers = false, wide = false } = flags;
      // In a pipe or a file lines are as long as they are, and so they are where it was asked for.
      const isCut = isLive(host, host.stdout) && !wide && !full && !raw;
      // Terminals that do not know their width say 0.
      const width = host.stdout.columns || undefined;
      const columns = isCut && width ? Math.max(fewestColumns, width) : undefined;
      const ink = inkFor(host, host.stdout, flags.color);
      const transcript = new Transcript(ink, { pretty, full, raw, headers, columns });
      const isOne = files.length === 1;
      const draw = ({ part, at }: PartLine): string => {
        const { number, name, source, after } = part;
        const of = isOne ? undefined : { number, name };
        if (!at) {
          if (json) return startEvent(source.header, of);
          const gap = number > 1 && !merge ? "\n" : "";
          return gap + transcript.begin(source.header, of);
        }
        if (json) return lineEvent(at.number, at.line, after, of?.number);
        return transcript.draw(at.line, after, merge ? of?.number : undefined);
      };
      let text = "";
      let shown = 0;
      let isMore = false;
      try {
        for await (const each of lines) {
          const line = each.at?.line;
          if (line && !selection.has(line, each.part.after)) continue;
          if (line && isMessage(line) && ++shown > limit) {
            isMore = true;
            break;
          }
          text += draw(each);
          if (text.length < pieceLength) continue;
          await put(host.stdout, text);
          text = "";
        }
      } finally {
        await put(host.stdout, text);
      }
      if (flags.quiet !== true) {
        const more = isMore ? [`there is more: --limit ${formatCount(limit)}`] : [];
        tellNotes(host, [...notes, ...more]);
      }
      exit(ExitCode.ok);
    });
}
