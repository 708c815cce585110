/** Owns the origin matrix as plain data, for the page and for JSON. */
import type { OriginMatrix, OriginRow } from "../../findings/inspection.js";
import type { Verdict } from "../../findings/verdict.js";
import type { Subject } from "../subject.js";
import { foreignVerdict } from "./foreign-origin.js";
import { judged } from "./judge.js";
import { type Asked, knownProbe, type OriginProbe } from "./origin-probe.js";
import { shownOrigin } from "./trial.js";

function verdictOf(asked: Asked, probe: OriginProbe): Verdict {
  const { kind } = asked.trial;
  if (kind === "exact") return asked.answer === "accepted" ? "pass" : "inconclusive";
  const judge = kind === "foreign" ? foreignVerdict : judged;
  const { verdict } = judge(asked, probe);
  return verdict === "pass" && probe.isWeary ? "inconclusive" : verdict;
}

function rowOf(asked: Asked, verdict: Verdict): OriginRow {
  const { trial, answer, said } = asked;
  return { name: trial.name, origin: shownOrigin(trial), answer, said, verdict };
}

/** What the checks of an inspection have filled of the matrix; undefined when none has asked. */
export function originMatrixOf(subject: Pick<Subject, "baseline">): OriginMatrix | undefined {
  const probe = knownProbe(subject);
  if (!probe) return undefined;
  const { ambient, known } = probe.credentials;
  const control = probe.known("control");
  const hasCredentials = ambient.length + known.length > 0;
  const rows = [...probe.trials.keys()].flatMap((name) => {
    const asked = probe.known(name);
    return asked ? [rowOf(asked, verdictOf(asked, probe))] : [];
  });
  return {
    allowed: probe.allowed.text,
    control:
      control && hasCredentials
        ? {
            ...rowOf(control, control.answer === "accepted" ? "info" : "pass"),
            name: "no credentials",
          }
        : undefined,
    rows,
  };
}
