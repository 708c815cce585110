/** Owns the end of an inspection: what is printed and written, and the exit code. */
import { WsctlError } from "../../base/errors.js";
import { baselineOf } from "../../findings/baseline.js";
import type { Finding } from "../../findings/finding.js";
import { nagiosCode } from "../../report/inspection/health.js";
import { type Judged, standingOf } from "../../report/inspection/judgement.js";
import { healthPages, inspectionPages } from "../../report/inspection/pages.js";
import { ExitCode } from "../exit-codes.js";
import type { Host } from "../host.js";
import { inkFor } from "../ink.js";
import { addStepSummary, obeyNothing } from "../outputs/github.js";
import { checkWritable, writeWhole } from "../outputs/output-file.js";
import { outputSpecs, type OutputSpec } from "../outputs/output-spec.js";
import {
  checkDestinations,
  rendered,
  stdoutKind,
  writeFiles,
  writeStdout,
} from "../outputs/renderings.js";
import { renderError } from "../render-error.js";
import type { InspectFlags } from "./inspect-options.js";

type PageKind = keyof typeof inspectionPages;

/** A form of `--health`. */
type HealthForm = keyof typeof healthPages;

/** Where everything goes. */
export interface InspectOutputs {
  readonly specs: readonly OutputSpec<PageKind>[];
  readonly health: HealthForm | undefined;
  readonly baseline: string | undefined;
}

/** The form that was asked for. @throws WsctlError WSCTL_EUSAGE */
function healthForm({ health }: Pick<InspectFlags, "health">): HealthForm | undefined {
  if (health === undefined) return undefined;
  if (health === true) return "plain";
  const forms = Object.keys(healthPages) as HealthForm[];
  const form = forms.find((one) => one === health);
  if (form !== undefined) return form;
  throw new WsctlError("WSCTL_EUSAGE", `--health=${health} is none of ${forms.join(", ")}`, {
    hint: "write it like --health=nagios",
  });
}

/** Reads where everything goes, and checks that it can be written. @throws WsctlError WSCTL_EUSAGE */
export function inspectOutputs(flags: InspectFlags): InspectOutputs {
  const { output = [], json, junit, sarif, markdown, writeBaseline } = flags;
  const given = [
    ...output,
    ...(json ? ["json=-"] : []),
    ...(junit === undefined ? [] : [`junit=${junit}`]),
    ...(sarif === undefined ? [] : [`sarif=${sarif}`]),
    ...(markdown === undefined ? [] : [`markdown=${markdown}`]),
  ];
  const kinds = Object.keys(inspectionPages) as PageKind[];
  const specs = outputSpecs<PageKind>(given, { kinds });
  const health = healthForm(flags);
  const onStdout = specs.find(({ destination }) => destination.to === "stdout");
  if (health !== undefined && onStdout) {
    throw new WsctlError("WSCTL_EUSAGE", `--health and -o ${onStdout.given} both go to stdout`, {
      hint: `give it a file: -o ${onStdout.kind}=FILE`,
    });
  }
  checkDestinations(specs);
  if (writeBaseline !== undefined) checkWritable(writeBaseline);
  return { specs, health, baseline: writeBaseline };
}

/** The exit code of what was seen; `signal` is 130 or 143 when one came. */
function exitCodeFor(judged: Judged, signal: number | undefined): number {
  const standing = standingOf(judged);
  if (signal !== undefined) return signal;
  if (standing === "interrupted") return ExitCode.interrupted;
  if (standing === "refused") return ExitCode.upgrade;
  if (standing === "failed") {
    // What no head of HTTP/1.1 can be is an invalid answer, as a wrong 101 is.
    const isInvalid = judged.inspection.failure?.code === "WSCTL_EHANDSHAKE";
    return isInvalid ? ExitCode.unmet : ExitCode.connect;
  }
  return standing === "ok" ? ExitCode.ok : ExitCode.unmet;
}

/** Why what was found is not all there is to accept; undefined when it is. */
function lackIn({ inspection }: Judged): string | undefined {
  const { outcome, interrupted, findings } = inspection;
  if (interrupted) return "the inspection was ended";
  if (outcome === "failed") return "no answer came";
  if (outcome === "refused") return "the server refused the upgrade";
  if (outcome === "invalid") return "the answer breaks RFC 6455";
  const untried = findings.find(({ kind }) => kind === "not tried" || kind === "unreachable");
  return untried && `${untried.rule} could not be tried`;
}

/** Everything that was found, as known and accepted from now on. */
function saveBaseline(file: string, judged: Judged): WsctlError | undefined {
  const lack = lackIn(judged);
  if (lack !== undefined) {
    return new WsctlError("WSCTL_EABORTED", `no baseline was written: ${lack}`, {
      hint: "inspect again; what was not looked at cannot be accepted",
    });
  }
  try {
    writeWhole(file, `${JSON.stringify(baselineOf(judged.inspection), null, 2)}\n`);
    return undefined;
  } catch (error) {
    if (error instanceof WsctlError) return error;
    throw error;
  }
}

/**
 * All that was found as accepted: what is accepted from now on is so on its own page too, and fails
 * nothing. What no baseline can be written of is judged as it would be without one.
 */
function accepting(judged: Judged): Judged {
  if (lackIn(judged) !== undefined) return judged;
  const { inspection } = judged;
  const findings = inspection.findings.map((finding): Finding => {
    const isFound = finding.verdict === "fail" || finding.verdict === "warn";
    return isFound ? Object.assign({}, finding, { accepted: true }) : finding;
  });
  const inOrder = findings.toSorted((a, b) => Number(a.accepted) - Number(b.accepted));
  return { ...judged, failOn: "never", inspection: { ...inspection, findings: inOrder } };
}

/** Prints and writes what the inspection came to; returns the exit code. */
export function concludeInspection(
  host: Host,
  found: Judged,
  { specs, health, baseline }: InspectOutputs,
  { color, signal }: { readonly color: boolean; readonly signal: number | undefined },
): number {
  const judged = baseline === undefined ? found : accepting(found);
  const ink = inkFor(host, host.stderr, color);
  const kind = stdoutKind(specs, "text");
  const obeyAgain = obeyNothing(host, health !== undefined || kind !== "text");
  if (health !== undefined) {
    writeStdout<HealthForm, Judged>(host, health, healthPages, judged, color);
  } else {
    writeStdout<PageKind, Judged>(host, kind, inspectionPages, judged, color);
  }
  const unwritten = writeFiles<PageKind, Judged>(specs, inspectionPages, judged);
  const lost = baseline === undefined ? undefined : saveBaseline(baseline, judged);
  for (const error of [...unwritten, ...(lost ? [lost] : [])]) {
    host.stderr.write(renderError(error, ink));
  }
  const trouble = addStepSummary(host.env, () => rendered(inspectionPages.markdown, judged));
  if (trouble !== undefined) host.stderr.write(`warning: ${trouble}\n`);
  obeyAgain();
  if (health === "nagios") return nagiosCode(judged);
  const isWritten = unwritten.length === 0 && lost === undefined;
  return exitCodeFor(judged, signal) || (isWritten ? ExitCode.ok : ExitCode.failed);
}
