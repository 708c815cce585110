/** Owns `wsctl compare`: two saved results side by side, and gates on what may be worse. */
import { Command } from "@commander-js/extra-typings";
import { WsctlError } from "../../base/errors.js";
import { compareRuns, type Comparison } from "../../metrics/compare.js";
import { parseRegressGate, type RegressGate } from "../../metrics/regress-gate.js";
import { comparisonReporters, type ComparisonPage } from "../../report/comparison.js";
import { ExitCode } from "../exit-codes.js";
import type { Host } from "../host.js";
import { inkFor } from "../ink.js";
import { collect } from "../options.js";
import { addStepSummary, obeyNothing } from "../outputs/github.js";
import { outputSpecs } from "../outputs/output-spec.js";
import {
  checkDestinations,
  rendered,
  stdoutKind,
  writeFiles,
  writeStdout,
} from "../outputs/renderings.js";
import { renderError } from "../render-error.js";
import { savedResult } from "../saved-result.js";

const examples = `
Examples:
  $ wsctl compare base.json new.json
  $ wsctl compare base.json new.json --max-regress 'ws_msg_rtt p(99)=10%'
  $ wsctl compare base.json new.json --max-regress 'ws_msg_rtt avg=5ms' --max-regress 'ws_msg_lost count=0'
  $ wsctl compare base.json new.json -o markdown=compare.md -o json=compare.json

A figure that is worse by more than it may makes the exit code 99; gates on a run that is
INVALID or was ended early, by whatever, 98.`;

type ComparisonKind = keyof typeof comparisonReporters;

/** The command; `exit` is told its exit code. */
export function compareCommand(host: Host, exit: (code: number) => void) {
  return new Command("compare")
    .description("set two saved results side by side, and gate on what became worse")
    .argument("<base>", "the result to compare with, saved with -o json=FILE")
    .argument("<new>", "the result that is held against it; one of the two may be -, stdin")
    .option(
      "--max-regress <gate>",
      "exit 99 when it is worse by more, as in 'ws_msg_rtt p(99)=10%' (repeatable)",
      collect,
    )
    .option(
      "-o, --output <kind=path>",
      `write it, - is stdout (repeatable): ${Object.keys(comparisonReporters).join(", ")}`,
      collect,
    )
    .option("--all", "show every figure, also those that hardly changed")
    .option("--json", "print one JSON document: -o json=-")
    .option("--no-color", "no colours")
    .addHelpText("after", examples)
    .action(async (base, now, flags) => {
      const kinds = Object.keys(comparisonReporters) as ComparisonKind[];
      const given = [...(flags.output ?? []), ...(flags.json ? ["json=-"] : [])];
      const specs = outputSpecs<ComparisonKind>(given, { kinds });
      const gates = (flags.maxRegress ?? []).map(regressGate);
      checkDestinations(specs);
      const before = await savedResult(host, base);
      const files = { base: nameOf(base), now: nameOf(now) };
      const comparison = compareRuns(before, await savedResult(host, now), gates, files);
      const page = { comparison, isAll: flags.all === true };
      const kind = stdoutKind(specs, "text");
      const obeyAgain = obeyNothing(host, kind !== "text");
      const write = writeStdout<ComparisonKind, ComparisonPage>;
      write(host, kind, comparisonReporters, page, flags.color);
      const unwritten = writeFiles<ComparisonKind, ComparisonPage>(
        specs,
        comparisonReporters,
        page,
      );
      for (const error of unwritten) {
        host.stderr.write(renderError(error, inkFor(host, host.stderr, flags.color)));
      }
      const trouble = addStepSummary(host.env, () => rendered(comparisonReporters.markdown, page));
      if (trouble !== undefined) host.stderr.write(`warning: ${trouble}\n`);
      obeyAgain();
      exit(exitCodes[comparison.verdict] || (unwritten.length > 0 ? ExitCode.failed : ExitCode.ok));
    });
}

/** The gate; a mistake in it is said of the flag. @throws WsctlError WSCTL_EUSAGE */
function regressGate(text: string): RegressGate {
  try {
    return parseRegressGate(text);
  } catch (error) {
    if (!(error instanceof WsctlError)) throw error;
    const { code, message, hint, where } = error;
    throw new WsctlError(code, `--max-regress: ${message}`, { hint, where, cause: error });
  }
}

function nameOf(file: string): string {
  return file === "-" ? "stdin" : file;
}

const exitCodes: Readonly<Record<Comparison["verdict"], number>> = {
  ok: ExitCode.ok,
  regressed: ExitCode.threshold,
  "no-evidence": ExitCode.invalid,
};
