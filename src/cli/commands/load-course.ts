/** Owns the course of `wsctl load`: plan, run, reports; loaded when it is needed, as it brings much along. */
import { WsctlError } from "../../base/errors.js";
import { reporters } from "../../report/reporters.js";
import type { Scenario } from "../../scenario/scenario.js";
import { connectionSpec } from "../connection-spec.js";
import { startEmbedded } from "../embedded-server.js";
import { ExitCode } from "../exit-codes.js";
import type { Host } from "../host.js";
import type { Interrupt } from "../interrupt.js";
import { mistakeAnnotations, obeyNothing } from "../outputs/github.js";
import { outputSpecs } from "../outputs/output-spec.js";
import { checkDestinations, stdoutKind } from "../outputs/renderings.js";
import { printedScenario } from "../printed-scenario.js";
import { conclude, type ReportKind } from "./load-conclude.js";
import { dryRun } from "./load-dry-run.js";
import { aimedAt, type LoadAsked, prepare } from "./load-plan.js";
import { runPlan } from "./load-run.js";

/**
 * Does what was asked; returns the exit code.
 * @param embedded what a server of its own would be
 * @throws WsctlError
 */
export async function load(
  host: Host,
  asked: LoadAsked,
  embedded: { readonly mode: string; readonly rules: string | undefined },
  interrupt: Interrupt,
): Promise<number> {
  const { file, flags } = asked;
  const specs = outputSpecs<ReportKind>(
    [...(flags.output ?? []), ...(flags.json ? ["json=-"] : [])],
    { kinds: Object.keys(reporters) as ReportKind[], pages: ["prometheus"] },
  );
  let prepared;
  try {
    prepared = await prepare(host, asked);
  } catch (error) {
    if (error instanceof WsctlError) {
      const stream = stdoutKind(specs, "text") === "text" ? host.stdout : host.stderr;
      stream.write(mistakeAnnotations(host.env, error));
    }
    throw error;
  }
  const { plan, scenario } = prepared;
  if (flags.printScenario) {
    const whole = file === undefined ? scenario : withHeaders(host, scenario, flags);
    host.stdout.write(printedScenario(whole, flags.serve === true));
    return ExitCode.ok;
  }
  checkDestinations(specs);
  const server = flags.serve ? await startEmbedded(host, embedded.mode, embedded.rules) : undefined;
  try {
    const aimed = server ? aimedAt(plan, server.url) : plan;
    const named = file === "-" ? "stdin" : file;
    const obeyAgain = obeyNothing(host, stdoutKind(specs, "text") !== "text");
    let outcome;
    try {
      if (flags.dryRun) return await dryRun(host, aimed, flags, interrupt);
      outcome = await runPlan(host, aimed, flags, specs, interrupt, named);
    } finally {
      obeyAgain();
    }
    return conclude(host, { specs, color: flags.color, signal: interrupt.exitCode }, outcome);
  } finally {
    await server?.close();
  }
}

/** A file's scenario with the headers of flags, name by name in place of its own. */
function withHeaders(host: Host, scenario: Scenario, flags: LoadAsked["flags"]): Scenario {
  const given = connectionSpec(flags, [], host.env).headers;
  if (given.length === 0) return scenario;
  const names = new Set(given.map(([name]) => name.toLowerCase()));
  const written = scenario.config?.connection?.headers ?? {};
  const lines = Array.isArray(written)
    ? written
    : Object.entries(written).flatMap(([name, value]) =>
        [value].flat().map((each) => `${name}: ${each}`),
      );
  const kept = lines.filter((line) => !names.has(line.split(":", 1)[0]!.trim().toLowerCase()));
  const headers = [...kept, ...given.map(([name, value]) => `${name}: ${value}`)];
  const connection = { ...scenario.config?.connection, headers };
  return { ...scenario, config: { ...scenario.config, connection } };
}
