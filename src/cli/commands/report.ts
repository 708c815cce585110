/** Owns `wsctl report`: a saved result, rendered again. */
import { Command } from "@commander-js/extra-typings";
import type { RunResult } from "../../metrics/run-result.js";
import { reporters } from "../../report/reporters.js";
import { ExitCode } from "../exit-codes.js";
import type { Host } from "../host.js";
import { inkFor } from "../ink.js";
import { collect } from "../options.js";
import { obeyNothing } from "../outputs/github.js";
import { outputSpecs } from "../outputs/output-spec.js";
import { checkDestinations, stdoutKind, writeFiles, writeStdout } from "../outputs/renderings.js";
import { renderError } from "../render-error.js";
import { savedResult } from "../saved-result.js";
import type { ReportKind } from "./load-conclude.js";

const examples = `
Examples:
  $ wsctl load --serve -o json=run.json
  $ wsctl report run.json                             as it was on the terminal
  $ wsctl report run.json -o markdown                 to stdout
  $ wsctl report run.json -o junit=report.xml -o csv=run.csv
  $ wsctl load --serve --json | wsctl report -        what comes on stdin`;

/** The command; `exit` is told its exit code. */
export function reportCommand(host: Host, exit: (code: number) => void) {
  return new Command("report")
    .description("render a saved result again, in any of its forms")
    .argument("<file>", "a result that was saved with -o json=FILE or --json; - is stdin")
    .option(
      "-o, --output <kind=path>",
      `write a report, - is stdout (repeatable): ${Object.keys(reporters).join(", ")}`,
      collect,
    )
    .option("--no-color", "no colours")
    .addHelpText("after", examples)
    .action(async (file, flags) => {
      const kinds = Object.keys(reporters) as ReportKind[];
      const specs = outputSpecs<ReportKind>(flags.output ?? [], { kinds });
      checkDestinations(specs);
      const result = await savedResult(host, file);
      const kind = stdoutKind(specs, "text");
      const obeyAgain = obeyNothing(host, kind !== "text");
      // What goes into files alone leaves nothing to say here.
      const isForStdout =
        specs.length === 0 || specs.some((spec) => spec.destination.to === "stdout");
      if (isForStdout) {
        writeStdout<ReportKind, RunResult>(host, kind, reporters, result, flags.color);
      }
      const unwritten = writeFiles<ReportKind, RunResult>(specs, reporters, result);
      for (const error of unwritten) {
        host.stderr.write(renderError(error, inkFor(host, host.stderr, flags.color)));
      }
      obeyAgain();
      exit(unwritten.length > 0 ? ExitCode.failed : ExitCode.ok);
    });
}
