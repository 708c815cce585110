/** Owns `wsctl recording redact`: a recording without its secrets. */
import { Command } from "@commander-js/extra-typings";
import { WsctlError } from "../../base/errors.js";
import { ExitCode } from "../exit-codes.js";
import type { Host } from "../host.js";
import { Interrupt } from "../interrupt.js";
import { collect } from "../options.js";
import { parseEntry, tellNotes } from "../recording/flags.js";
import { recordingText } from "../recording/rewriting.js";
import { checkDestination, isInterruption, writeTo } from "../recording/sink.js";

const examples = `
Examples:
  $ wsctl recording redact chat.wsrec -o clean.wsrec                 headers, cookies, tokens in URLs
  $ wsctl recording redact chat.wsrec -o clean.wsrec --redact '$.password' --redact '/pin=(\\d+)/'
  $ wsctl recording redact chat.wsrec --in-place --redact '$..email'`;

/** The command; `exit` is told its exit code. */
export function redactCommand(host: Host, exit: (code: number) => void) {
  return new Command("redact")
    .description("write a recording anew without its secrets; all else is kept as it is")
    .argument("<file>", "a recording or a HAR; - is stdin")
    .option("-o, --output <file>", "where to write; - is stdout")
    .option("--in-place", "replace the file itself, when all of it has been written")
    .option(
      "--redact <pattern>",
      "take this out of payloads: a JSONPath or /regex/ (repeatable)",
      collect,
    )
    .option("--entry <n>", "which WebSocket of a HAR", parseEntry)
    .option("--salvage", "leave malformed lines out")
    .option("--force", "replace the file if it is there")
    .option("-q, --quiet", "nothing on stderr but errors")
    .option("--no-color", "no colours")
    .addHelpText("after", examples)
    .action(async (file, flags) => {
      const { redact = [], salvage, entry, inPlace = false, force = false } = flags;
      const output = destination(file, flags.output, inPlace);
      const replace = inPlace || force;
      await checkDestination(output, replace);
      const interrupt = new Interrupt(host, () => {});
      const notes: string[] = [];
      const reading = {
        salvage,
        entry,
        redact,
        notes: (more: readonly string[]) => notes.push(...more),
      };
      try {
        const text = recordingText(host, file, reading);
        await writeTo(host, output, text, { replace, signal: interrupt.stop });
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

function destination(file: string, output: string | undefined, inPlace: boolean): string {
  const hint = "name another file with -o, or give --in-place";
  if (inPlace && output !== undefined) {
    throw new WsctlError("WSCTL_EUSAGE", "-o and --in-place are two places", { hint });
  }
  if (inPlace && (file === "-" || /\.(?:har|zip|zhar)$/i.test(file))) {
    throw new WsctlError("WSCTL_EUSAGE", "only the file of a recording is replaced in place", {
      hint,
    });
  }
  const chosen = inPlace ? file : output;
  if (chosen !== undefined) return chosen;
  throw new WsctlError("WSCTL_EUSAGE", "where to write is not said", { hint });
}
