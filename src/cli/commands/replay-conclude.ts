/** Owns the end of a replay: what is printed and written, and the exit code. */
import { type ConnectionResult, type ReplayResult, worstOf } from "../../replay/result.js";
import { ExitCode, exitCodeOf } from "../exit-codes.js";
import type { Host } from "../host.js";
import { inkFor } from "../ink.js";
import { obeyNothing } from "../outputs/github.js";
import { outputSpecs, type OutputSpec } from "../outputs/output-spec.js";
import { checkDestinations, stdoutKind, writeFiles, writeStdout } from "../outputs/renderings.js";
import { renderError } from "../render-error.js";
import { replayPages } from "../replay/pages.js";
import { refuseRecordings } from "./replay-files.js";
import type { ReplayFlags } from "./replay-options.js";

type PageKind = keyof typeof replayPages;

/** Where a replay is written. */
export type ReplayOutputs = readonly OutputSpec<PageKind>[];

/**
 * Reads where everything goes, and checks that it can be written.
 * @param files the recordings, which are not to be written over
 * @throws WsctlError WSCTL_EUSAGE
 */
export function replayOutputs(
  { output = [], json }: ReplayFlags,
  files: readonly string[],
): ReplayOutputs {
  const given = [...output, ...(json ? ["json=-"] : [])];
  const specs = outputSpecs<PageKind>(given, { kinds: Object.keys(replayPages) as PageKind[] });
  const paths = specs.flatMap(({ destination: place }) =>
    place.to === "file" ? [place.path] : [],
  );
  refuseRecordings(files, paths);
  checkDestinations(specs);
  return specs;
}

/** The exit code of one recording. */
function codeOf({ outcome, updated, failure }: ConnectionResult): number {
  switch (outcome) {
    case "same":
      return ExitCode.ok;
    case "different":
      return updated ? ExitCode.ok : ExitCode.unmet;
    case "late":
      return ExitCode.waited;
    case "lost":
      return ExitCode.abnormal;
    case "failed":
      return exitCodeOf(failure?.code ?? "");
    case "interrupted":
      return ExitCode.interrupted;
    default:
      return outcome satisfies never;
  }
}

/** Prints and writes what the replay came to; returns the exit code. */
export function concludeReplay(
  host: Host,
  result: ReplayResult,
  specs: ReplayOutputs,
  { color, signal }: { readonly color: boolean; readonly signal: number | undefined },
): number {
  const kind = stdoutKind(specs, "text");
  const obeyAgain = obeyNothing(host, kind !== "text");
  writeStdout<PageKind, ReplayResult>(host, kind, replayPages, result, color);
  const unwritten = writeFiles<PageKind, ReplayResult>(specs, replayPages, result);
  for (const error of unwritten) {
    host.stderr.write(renderError(error, inkFor(host, host.stderr, color)));
  }
  obeyAgain();
  if (signal !== undefined) return signal;
  // What was accepted is as it should be, whatever came of the others.
  const worst = worstOf(
    result.connections.map(({ outcome, updated }) => (updated ? "same" : outcome)),
  );
  const reached = result.connections.filter(({ outcome }) => outcome === worst);
  const code = Math.max(ExitCode.ok, ...reached.map(codeOf));
  return code || (unwritten.length > 0 ? ExitCode.failed : ExitCode.ok);
}
