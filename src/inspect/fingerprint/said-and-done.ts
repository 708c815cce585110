/**
 * Owns holding what a server says that it is, in Server, against how it behaves. Both may be so: a
 * proxy puts its own name there, and passes on what the library behind it does.
 */
import type { ServerHint } from "../../findings/inspection.js";
import type { Header } from "../../frame/upgrade.js";
import type { Observation } from "../check.js";
import { hintsOf } from "../facts/server-hints.js";

/** What the Server header names; undefined where it is missing or names nothing known. */
function saidBy(headers: readonly Header[]): ServerHint | undefined {
  const own = headers.filter(([name]) => name.toLowerCase() === "server");
  return hintsOf({ headers: own })[0];
}

/** The product without what stands in brackets behind it. */
function nameOf(what: string): string {
  return what.replace(/ \(.*$/, "").toLowerCase();
}

/** What is told of behaviour that was recognised, held against the header of the same answer. */
export function saidAndDone(
  hints: readonly ServerHint[],
  headers: readonly Header[],
): Observation[] {
  const said = saidBy(headers);
  return hints.map(({ what, confidence, from }): Observation => {
    const likely = confidence === "firm" ? "" : "perhaps ";
    const common = { verdict: "info", confidence } as const;
    if (!said) {
      const message = `${likely === "" ? "probably " : likely}${what}`;
      return { ...common, message, evidence: [from] };
    }
    const evidence = [said.from, from];
    if (what.toLowerCase().includes(nameOf(said.what))) {
      const message = `says ${said.what}, and behaves like it: ${likely}${what}`;
      return { ...common, message, evidence };
    }
    const message = `says ${said.what}; behaves ${likely}like ${what}, which may stand behind it`;
    return { ...common, message, evidence };
  });
}
