/** Owns `wsctl recording convert`: recordings to HAR and back. */
import { Command, Option } from "@commander-js/extra-typings";
import { WsctlError } from "../../base/errors.js";
import { safeLine } from "../../base/safe-text.js";
import { HarExport } from "../../recording/har/export-har.js";
import { ExitCode } from "../exit-codes.js";
import { type Host, version } from "../host.js";
import { Interrupt } from "../interrupt.js";
import { collect } from "../options.js";
import { parseEntry, tellNotes } from "../recording/flags.js";
import { harRecordings, recordingText } from "../recording/rewriting.js";
import { checkDestination, isInterruption, writeTo } from "../recording/sink.js";

const examples = `
Examples:
  $ wsctl recording convert page.har -o chat.wsrec             its WebSocket, or a list to choose from
  $ wsctl recording convert page.har.zip --entry 3 -o chat.wsrec
  $ wsctl recording convert recordings/*.wsrec -o all.har      one entry each
  $ wsctl recording convert chat.wsrec --to har -o - | jq .
  $ wsctl recording convert torn.wsrec -o whole.wsrec --salvage`;

type Form = "wsrec" | "har";

/** The command; `exit` is told its exit code. */
export function convertCommand(host: Host, exit: (code: number) => void) {
  return new Command("convert")
    .description("turn recordings into a HAR, or a WebSocket of a HAR into a recording")
    .argument("<file...>", "recordings or HARs (.har, .har.zip, .zhar); - is stdin")
    .requiredOption("-o, --output <file>", "where to write; - is stdout")
    .addOption(
      new Option("--to <form>", "what to write (default: as the file is called)").choices([
        "wsrec",
        "har",
      ]),
    )
    .option("--entry <n>", "which WebSocket of a HAR", parseEntry)
    .option(
      "--redact <pattern>",
      "take this out of payloads: a JSONPath or /regex/ (repeatable)",
      collect,
    )
    .option("--salvage", "leave malformed lines out")
    .option("--force", "replace the file if it is there")
    .option("-q, --quiet", "nothing on stderr but errors")
    .option("--no-color", "no colours")
    .addHelpText("after", examples)
    .action(async (files, flags) => {
      const { output, to, redact, salvage, entry, force = false } = flags;
      const form = to ?? formOf(output);
      if (form === "wsrec" && files.length > 1) throw oneAtATime();
      await checkDestination(output, force);
      const interrupt = new Interrupt(host, () => {});
      const notes: string[] = [];
      const reading = {
        salvage,
        entry,
        redact,
        notes: (more: readonly string[]) => notes.push(...more),
      };
      try {
        const writing = { replace: force, signal: interrupt.stop };
        if (form === "wsrec") {
          await writeTo(host, output, recordingText(host, files[0]!, reading), writing);
        } else {
          const made = new HarExport({ name: "wsctl", version: version() });
          await writeTo(host, output, made.text(harRecordings(host, files, reading)), writing);
          const own = made.notes();
          if (own.length > 0) notes.push(`only for wsctl, in _wsctl… fields: ${own.join(", ")}`);
        }
      } catch (error) {
        if (interrupt.exitCode === undefined || !isInterruption(error)) throw error;
        host.stderr.write("interrupted: nothing was written\n");
        exit(interrupt.exitCode);
        return;
      } finally {
        interrupt.dispose();
      }
      if (flags.quiet !== true) tellNotes(host, notes);
      exit(ExitCode.ok);
    });
}

/** What a file of that name is. @throws WsctlError WSCTL_EUSAGE */
function formOf(file: string): Form {
  if (/\.wsrec$/i.test(file)) return "wsrec";
  if (/\.har$/i.test(file)) return "har";
  throw new WsctlError("WSCTL_EUSAGE", `${safeLine(file, 100)}: what to write is not said`, {
    hint: file.startsWith("/dev/")
      ? "give --to har or --to wsrec"
      : "call the file .har or .wsrec, or give --to har or --to wsrec",
  });
}

function oneAtATime(): WsctlError {
  return new WsctlError("WSCTL_EUSAGE", "a recording is one socket's: give one file", {
    hint: "a HAR holds several: -o all.har",
  });
}
