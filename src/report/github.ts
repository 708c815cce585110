/** Owns annotations: workflow commands that GitHub Actions shows beside the scenario's source. */
import { safeLine } from "../base/safe-text.js";
import type { RunResult } from "../metrics/run-result.js";
import { failedSteps } from "./failed-steps.js";
import { failureInWords } from "./gates.js";
import { detailOf, reasonsOf } from "./reasons.js";
import { thresholdSentence, thresholdWords } from "./threshold-words.js";
import { verdictOf } from "./verdict.js";

/** GitHub shows ten of a kind for each step of a job. */
export const mostAnnotations = 10;
const longest = 1000;

/** What failed, one workflow command a line; empty when nothing did. */
export function githubAnnotations(result: RunResult): string {
  const { thresholds } = result;
  const lines = [
    ...(verdictOf(result).kind === "interrupted"
      ? [annotation("error", { title: "wsctl: interrupted" }, "the run was ended before its time")]
      : []),
    ...reasonsOf(result).map((reason) => {
      const message = `${reason.code}: ${detailOf(reason, result)}`;
      return annotation("error", { title: "wsctl: INVALID" }, message);
    }),
    ...thresholds
      .filter(({ ok }) => !ok)
      .slice(0, mostAnnotations)
      .map((threshold) => {
        const message = `${thresholdWords(threshold).name}: ${thresholdSentence(threshold)}`;
        const title = "wsctl: threshold failed";
        return annotation("error", { ...placeOf(threshold.place), title }, message);
      }),
    ...failedSteps(result)
      .slice(0, mostAnnotations)
      .map((step) => {
        const message = `${step.scenario}: ${step.step}: ${failureInWords(step)}`;
        const title = step.of === undefined ? "wsctl: step failed" : "wsctl: expectations not met";
        return annotation(
          "warning",
          { title },
          step.example ? `${message}: ${step.example}` : message,
        );
      }),
  ];
  return lines.join("");
}

/** `file:line:column`, of which the file may hold colons of its own. */
function placeOf(place: string | undefined): Record<string, string> {
  const [, file, line, col] = /^(.+):(\d+):(\d+)$/.exec(place ?? "") ?? [];
  return file === undefined ? {} : { file, line: line!, col: col! };
}

/** One annotation, a line with its end; whatever is in it is harmless. */
export function annotation(
  kind: "error" | "warning",
  properties: Readonly<Record<string, string>>,
  message: string,
): string {
  const told = Object.entries(properties).map(([key, value]) => `${key}=${property(value)}`);
  return `::${kind} ${told.join(",")}::${data(message)}\n`;
}

function data(text: string): string {
  return safeLine(text, longest).replace(/%/g, "%25").replace(/\r/g, "%0D").replace(/\n/g, "%0A");
}

function property(text: string): string {
  return data(text).replace(/:/g, "%3A").replace(/,/g, "%2C");
}
