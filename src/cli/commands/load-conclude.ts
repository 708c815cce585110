/** Owns the end of a load run: what is printed and written, and the exit code. */
import type { RunOutcome } from "../../cluster/run-options.js";
import type { RunResult } from "../../metrics/run-result.js";
import { githubAnnotations } from "../../report/github.js";
import { reporters } from "../../report/reporters.js";
import { type Verdict, verdictOf } from "../../report/verdict.js";
import { ExitCode, exitCodeOf } from "../exit-codes.js";
import type { Host } from "../host.js";
import { inkFor } from "../ink.js";
import { addStepSummary, isOnGithub, obeyNothing } from "../outputs/github.js";
import type { OutputSpec } from "../outputs/output-spec.js";
import { rendered, stdoutKind, writeFiles, writeStdout } from "../outputs/renderings.js";
import { renderError } from "../render-error.js";

/** A kind of report. */
export type ReportKind = keyof typeof reporters;

/** How a run was asked for. */
export interface RunAsked {
  readonly specs: readonly OutputSpec<ReportKind>[];
  readonly color: boolean;
  /** 130 or 143 when a signal ended it. */
  readonly signal: number | undefined;
}

/**
 * Prints and writes what the run came to; returns the exit code. That nothing opened at all has a
 * cause of its own, which says more than that such a run is no evidence.
 */
export function conclude(
  host: Host,
  { specs, color, signal }: RunAsked,
  { result, failure }: RunOutcome,
): number {
  const ink = inkFor(host, host.stderr, color);
  // What only a worker could find wrong with the flags is a mistake all the same, and no run.
  if (failure?.code === "WSCTL_EUSAGE") {
    host.stderr.write(renderError(failure, ink));
    return ExitCode.usage;
  }
  const kind = stdoutKind(specs, "text");
  // Obeyed by GitHub before all else that is written, which is not to be.
  tellGithub(host, kind, result);
  const obeyAgain = obeyNothing(host, kind !== "text");
  // Of a run that never opened anything the cause is all there is to tell.
  const isAnythingMeasured = (result.totals["ws_sessions"] ?? 0) > 0;
  if (kind !== "text" || isAnythingMeasured || !failure) {
    writeStdout<ReportKind, RunResult>(host, kind, reporters, result, color);
  }
  const unwritten = writeFiles<ReportKind, RunResult>(specs, reporters, result);
  const trouble = addStepSummary(host.env, () => rendered(reporters.markdown, result));
  if (trouble !== undefined) host.stderr.write(`warning: ${trouble}\n`);
  if (failure) host.stderr.write(renderError(failure, ink));
  for (const error of unwritten) host.stderr.write(renderError(error, ink));
  obeyAgain();
  if (signal !== undefined) return signal;
  if (failure) return exitCodeOf(failure.code);
  return verdictCode(result) || (unwritten.length > 0 ? ExitCode.failed : ExitCode.ok);
}

/**
 * What the figures alone say: INVALID goes before thresholds, which are held against figures. That
 * somebody ended the run is a signal's to say.
 */
function verdictCode(result: RunResult): number {
  return codes[verdictOf({ ...result, interrupted: false }).kind];
}

const codes: Readonly<Record<Verdict["kind"], number>> = {
  interrupted: ExitCode.interrupted,
  invalid: ExitCode.invalid,
  failed: ExitCode.threshold,
  passed: ExitCode.ok,
};

/** Annotations, in a job of GitHub Actions. */
function tellGithub(host: Host, onStdout: ReportKind, result: RunResult): void {
  if (!isOnGithub(host.env)) return;
  // GitHub reads both streams; a document on stdout is to stay one.
  const stream = onStdout === "text" ? host.stdout : host.stderr;
  stream.write(githubAnnotations(result));
}
