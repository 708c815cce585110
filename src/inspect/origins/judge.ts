/** Owns what a row of the origin matrix comes to. Pure: it judges what was asked. */
import type { Verdict } from "../../findings/verdict.js";
import type { Asker } from "../asker.js";
import type { Observation } from "../check.js";
import { type Asked, lineOf, type OriginProbe } from "./origin-probe.js";
import { sentOf } from "./trial.js";

/** Why the rows can tell nothing: the allowed Origin itself does not get in. Undefined when it does. */
export function unfounded(exact: Asked | undefined): Observation | undefined {
  if (exact?.answer === "accepted") return undefined;
  const said = exact ? lineOf(exact) : "no answer";
  return {
    verdict: "inconclusive",
    message: `the Origin taken for the right one was not let in (${said}), so that nothing can be said of others; name the right one with --origin`,
    request: exact?.reply.request,
  };
}

/** The credentials that a foreign page would ride on are what lets in, as far as is known. */
export function isHijackable(probe: OriginProbe): boolean {
  const control = probe.known("control");
  const isRefused = control?.answer === "rejected" || control?.answer === "late-reject";
  return probe.credentials.ambient.length > 0 && isRefused;
}

const lateText =
  "a server that answers 101 first has taken the connection, and may have said something by then; look at the Origin before the 101";

/** What a row comes to that is none of the foreign and the allowed one. */
export function judged(asked: Asked, probe: OriginProbe): Observation {
  const { trial, answer, said, hadData, reply } = asked;
  const common = { case: trial.name, request: reply.request, evidence: [lineOf(asked)] };
  if (answer === "rejected") {
    return { ...common, verdict: "pass", message: `${sentOf(trial)} is refused: ${said}` };
  }
  if (answer === "no answer") {
    const message = `${sentOf(trial)} came to nothing that tells: ${said}`;
    return { ...common, verdict: "inconclusive", message };
  }
  const verdict: Verdict = probe.isOpenToAll ? "info" : trial.verdict;
  if (answer === "late-reject" && !hadData) {
    // Once said of the foreign Origin, it need not be said again of each that is treated like it.
    if (trial.kind !== "foreign" && probe.known("other site")?.answer === "late-reject") {
      return { ...common, verdict: "pass", message: `${sentOf(trial)} is refused late: ${said}` };
    }
    const message = `${sentOf(trial)} is refused late: ${said}; ${lateText}`;
    const late = { ...common, kind: "refused late", severity: "low" as const, message };
    return { ...late, verdict: verdict === "info" ? "info" : "warn" };
  }
  if (probe.isOpenToAll) {
    return { ...common, verdict, message: `${sentOf(trial)} is let in, as any Origin is` };
  }
  // What no cookie protects can be had without a look-alike too.
  const isLess = trial.kind === "lookalike" && trial.severity === "high" && !isHijackable(probe);
  const after = answer === "accepted" ? "" : ` and told something before it was closed (${said})`;
  return {
    ...common,
    kind: isLess ? "let in, with nothing to ride on" : "let in",
    verdict,
    severity: isLess ? "medium" : trial.severity,
    confidence: answer === "accepted" ? "certain" : "tentative",
    message: `${sentOf(trial)} is let in${after}: ${trial.means}`,
  };
}

/**
 * Why what was refused has not passed: the allowed Origin, asked once more, is refused as well.
 * Undefined where it gets in.
 */
export async function wearied(
  probe: OriginProbe,
  rule: string,
  asker: Asker,
  evidence: readonly string[],
): Promise<Observation | undefined> {
  const again = await probe.again(rule, asker);
  if (again?.answer === "accepted") return undefined;
  const said = again?.said ?? "nothing";
  const message = `all were refused, and then so was the allowed Origin (${said}): the server may have refused them for another reason`;
  return { verdict: "inconclusive", message, evidence };
}
